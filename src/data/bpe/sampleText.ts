// A little text of our own in the corpus' languages, for tests of this room.

export const SAMPLE_TEXT = `The switchyard lies east of the river. Every evening the trains come in one by one, and every evening the same
three people decide where each wagon goes: one reads the label, one pulls the lever, one counts. "It's never the wagon's fault,"
says the counter. When too many wagons roll onto track 7, she pushes the lever a little the other way; tomorrow it'll be fairer.

调车场在河的东边。每天傍晚，列车一列一列地进站；每天傍晚，总是同样的三个人决定每节车厢去哪里：一个看标签，一个扳道岔，一个数数。
“从来不是车厢的错。”数数的人说。要是第７道上的车太多，她就把扳手往另一边轻轻推一点，明天就会公平一些。
河水慢慢流，车轮慢慢转，月亮慢慢升。

function decide(wagon: Wagon, levers: number[]): number {
  // the best track is the one with the highest score
  let best = 0;
  for (let track = 1; track < levers.length; track++) {
    if (wagon.score[track] + levers[track] > wagon.score[best] + levers[best]) best = track;
  }
  return best; // 0 <= best < levers.length
}

Signs of the yard: 🚂🚃🚃🚃 ⚠️ 🧑🏽‍🔧 — “±0.001”, naïve café, Straße, ελληνικά, русский, 한국어, にほんご, עברית, ١٢٣, ½ × 3² ≈ 4,5.
`;
