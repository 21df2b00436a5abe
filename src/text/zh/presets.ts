// Names and descriptions of the presets, in Simplified Chinese.
import type { presets as en } from '../en/presets';

export const presets = {
  'preset.default.name': '小巧、快速、均衡',
  'preset.default.description':
    '四层中有三层各含 16 个路由专家，每个词元选两个：一分钟内就能看出学习效果，400 步内完成退火。比 dots.llm1 窄，权重不缩放。',
  'preset.laptop.name': '笔记本上的一晚',
  'preset.laptop.description': '六层中有五层各含 32 个路由专家，每个词元选四个，训练计划 5,000 步：每步更慢，最终效果好得多。',
  'preset.miniature.name': '微缩版 dots.llm1',
  'preset.miniature.description': '真实的路由结构：128 个路由专家加 2 个共享专家，每个词元选六个；主干很窄，每步更慢。',
  'preset.unbalanced.name': '不做均衡',
  'preset.unbalanced.description': '同样的小模型，关闭偏置和均衡损失：看看少数专家会不会独占负载。',
  'preset.dense.name': '同等计算量的稠密模型',
  'preset.dense.description': '没有专家，但每个词元用到的参数量与小模型相当：用来比较的基准。',
} satisfies Record<keyof typeof en, string>;
