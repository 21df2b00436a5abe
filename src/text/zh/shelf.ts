// The model that comes with the page, in Simplified Chinese. Keys are shared with en/shelf.ts.
import type { shelf as english } from '../en/shelf';

export const shelf = {
  'shelf.title': '先看一个训练好的模型',
  'shelf.badge': '随页面附带',
  'shelf.subtitle':
    '{name} · 第 {step} 步，已读 {tokens} 个词元 · 留出文本每词元 {loss} nat（只看词频 {unigram}，只看前一个词元 {bigram}）',
  'shelf.table': '这次训练的快照',
  'shelf.step': '步',
  'shelf.tokens': '已读词元',
  'shelf.loss': '留出文本，每词元 nat',
  'shelf.layer': '用哪一层的专家给文本着色',
  'shelf.strip': '模型读到和写出的文本，按专家着色',
  'shelf.rest': '由第 {step} 步写出，提示与种子相同。颜色：得分最高的专家；◥：偏置改变了路由。',
  'shelf.token': '“{piece}” · {experts} · 意外程度 {surprise} nat',
  'shelf.prompt.first': '春江',
} satisfies Record<keyof typeof english, string>;
