// Prompts that come with the page, written for it: a set for each domain, every prompt in both languages. Short enough for small contexts.

export const LIBRARY_DOMAINS = [
  'dialogue',
  'encyclopedia',
  'code',
  'poetry',
  'howTo',
  'law',
  'science',
  'maths',
  'fiction',
] as const;
export type LibraryDomain = (typeof LIBRARY_DOMAINS)[number];

/** One text in both languages. */
export interface LibraryPrompt {
  readonly en: string;
  readonly zh: string;
}
export type LibraryLanguage = keyof LibraryPrompt;
export const LIBRARY_LANGUAGES: readonly LibraryLanguage[] = ['en', 'zh'];

export const PROMPT_LIBRARY: Readonly<Record<LibraryDomain, readonly LibraryPrompt[]>> = {
  dialogue: [
    { en: '“Is this seat free?” “It is, but the window does not close.”', zh: '“这里有人坐吗？”“没有，不过窗关不上。”' },
    { en: '“You are late.” “The bridge was up, so I walked around.”', zh: '“你迟到了。”“桥吊起来了，我绕了路。”' },
    { en: '“What did she say?” “That she would think about it.”', zh: '“她怎么说？”“她说要想一想。”' },
    { en: '“Two tickets, please.” “For today, or for tomorrow?”', zh: '“要两张票。”“今天的还是明天的？”' },
    { en: '“Do you hear that?” “Only the rain on the roof.”', zh: '“你听见了吗？”“只有雨打屋顶。”' },
  ],
  encyclopedia: [
    { en: 'The heron is a wading bird that hunts fish in shallow water.', zh: '鹭是一种涉禽，在浅水中捕鱼。' },
    { en: 'Basalt is a dark rock formed when lava cools quickly.', zh: '玄武岩是熔岩迅速冷却而成的深色岩石。' },
    { en: 'A lock raises and lowers boats between two levels of a canal.', zh: '船闸使船只在运河的两段水位之间升降。' },
    { en: 'Tea reached the coast by river and was traded for silver.', zh: '茶叶沿江运到海边，换取白银。' },
    { en: 'The town lies on the east bank and has an old harbour.', zh: '小镇位于东岸，有一座古老的港口。' },
  ],
  code: [
    {
      en: 'function sum(values) {\n  // add them up\n  return values.reduce((a, b) => a + b, 0);\n}',
      zh: 'function sum(a) {\n  // 求和\n  return a.reduce((x, y) => x + y, 0);\n}',
    },
    {
      en: 'for (let i = 0; i < n; i++) {\n  if (!rows[i]) continue; // skip empty\n}',
      zh: 'for (let i = 0; i < n; i++) {\n  if (!rows[i]) continue; // 跳过空行\n}',
    },
    {
      en: 'const queue = new Map(); // waiting requests\nqueue.set(id, task);',
      zh: 'const queue = new Map(); // 等待的请求\nqueue.set(id, task);',
    },
    {
      en: 'try {\n  await open(path);\n} catch (error) {\n  report(error); // not found\n}',
      zh: 'try {\n  await open(path);\n} catch (error) {\n  report(error); // 未找到\n}',
    },
    {
      en: 'export default class Timer {\n  start() { this.on = true; } // begin\n}',
      zh: 'class Timer {\n  start() { this.on = true; } // 开始\n}',
    },
  ],
  poetry: [
    { en: 'The lamp goes out; the river keeps the moon.', zh: '灯灭江留月，风来叶满船。' },
    { en: 'Snow on the pass, and no one asks the way.', zh: '雪深山路断，无人问归程。' },
    { en: 'A crane flies west; the reeds forget its cry.', zh: '孤鹤西飞去，芦花不记声。' },
    { en: 'I wrote your name in dew before the sun.', zh: '清晨题露字，日出已无名。' },
    { en: 'Old friends, one cup, and rain until the dawn.', zh: '故人同一盏，听雨到天明。' },
  ],
  howTo: [
    { en: 'Wash the rice twice, add water and let it stand for ten minutes.', zh: '米洗两遍，加水，静置十分钟。' },
    { en: 'Heat the oil, add the garlic and stir until it smells sweet.', zh: '热锅下油，放入蒜末，炒出香味。' },
    { en: 'To reset the device, hold the button for five seconds.', zh: '要重置设备，请按住按钮五秒。' },
    { en: 'Open the menu, choose Settings and switch the option off.', zh: '打开菜单，选择“设置”，关闭该选项。' },
    { en: 'Sand the board, wipe it clean and paint it thinly.', zh: '先打磨木板，擦净，再薄薄地上漆。' },
  ],
  law: [
    { en: 'Everyone has the right to leave a meeting at any time.', zh: '人人有权随时离开会议。' },
    { en: 'No one shall be charged twice for the same journey.', zh: '任何人不得因同一行程被收费两次。' },
    { en: 'The contract ends when either party gives notice in writing.', zh: '任何一方书面通知后，合同即告终止。' },
    { en: 'The committee shall publish its report within thirty days.', zh: '委员会应在三十日内公布报告。' },
    { en: 'This article applies to all persons without distinction.', zh: '本条适用于所有人，不作任何区别。' },
  ],
  science: [
    { en: 'When the gas is heated, its molecules move faster.', zh: '气体受热时，分子运动加快。' },
    { en: 'The cells divide until the tissue is full grown.', zh: '细胞不断分裂，直到组织长成。' },
    { en: 'Light of a shorter wavelength carries more energy.', zh: '波长越短的光，能量越大。' },
    { en: 'We measured the current three times and took the mean.', zh: '我们测量电流三次，取平均值。' },
    { en: 'Salt lowers the temperature at which water freezes.', zh: '盐会降低水的冰点。' },
  ],
  maths: [
    { en: 'Let n be an even number; then n² is even as well.', zh: '设 n 为偶数，则 n² 也是偶数。' },
    { en: 'If a + b = 7 and a − b = 1, then a = 4 and b = 3.', zh: '若 a + b = 7，a − b = 1，则 a = 4，b = 3。' },
    { en: 'The angles of a triangle add up to 180 degrees.', zh: '三角形的内角和是 180 度。' },
    { en: 'A prime number has no divisor but one and itself.', zh: '质数除了一和自身没有别的因数。' },
    { en: 'The sum of the first ten numbers is 55.', zh: '前十个正整数的和是 55。' },
  ],
  fiction: [
    { en: 'The captain stood at the rail and watched the white water.', zh: '船长站在栏杆旁，望着白色的浪。' },
    { en: 'She folded the letter and did not speak until evening.', zh: '她把信折好，直到傍晚都没有说话。' },
    { en: 'At midnight the orcs came down from the hills.', zh: '半夜，兽人从山上下来了。' },
    { en: 'The old king laughed, and all the court laughed with him.', zh: '老国王笑了，满朝的人也跟着笑了。' },
    { en: 'There was a light in the mill where no one lived.', zh: '无人居住的磨坊里亮着一盏灯。' },
  ],
};
