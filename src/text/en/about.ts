// The About view, in English. Keys are shared with zh/about.ts.

export const about = {
  'about.title': 'About Switchyard',
};
