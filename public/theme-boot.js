// Runs before the first paint: the policy for what may be loaded as a script, then theme and language as they were left.
(() => {
  if (window.trustedTypes) {
    window.trustedTypes.createPolicy('default', {
      createScriptURL(url) {
        if (new URL(url, document.baseURI).origin === location.origin) return url;
        throw new TypeError(`Scripts come from this origin only: ${url}`);
      },
    });
  }

  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('switchyard.settings') ?? '{}').state ?? {};
  } catch {
    // Storage is closed or damaged: the defaults hold.
  }
  const root = document.documentElement;
  const dark = kept.theme === 'dark' || (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  const tags = kept.language ? [kept.language] : navigator.languages;
  const spoken = tags.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'zh' || tag === 'en');
  root.lang = spoken === 'zh' ? 'zh-CN' : 'en-US';
})();
