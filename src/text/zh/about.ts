// The About view, in Simplified Chinese.
import type { about as en } from '../en/about';

export const about = {
  'about.title': '关于 Switchyard',
  'about.contents': '本页内容',
  'about.lead':
    'Switchyard 就在这个页面里、用你自己的机器训练一个真正的混合专家（MoE）语言模型，并在训练过程中展示每个词元的去向。任何数据都不会离开浏览器。',

  'about.model.title': '模型',
  'about.model.1':
    '模型采用 dots.llm1 的结构：仅解码器的 Transformer，使用 RMSNorm 和旋转位置编码，查询与键也各有一层 RMSNorm。第一层是稠密层；此后的每一层由路由器把每个词元送往众多小专家中的几个，另有共享专家处理所有词元。',
  'about.model.2':
    '路由器用 sigmoid 给每位专家打分。每位专家还有一个偏置，只在选出得分最高的专家时加到分数上；被选中专家的权重只由原始分数决定。无论某位专家多么拥挤，都不会丢弃词元。',
  'about.model.3':
    '它很小：约一百万个参数，而 dots.llm1 有 1427.7 亿个。它能学会拼写、区分语言、模仿文风，但学不会推理，写出的句子也未必属实。',
  'about.balance.title': '不靠损失函数的均衡',
  'about.balance.1':
    '若放任不管，路由器可能偏爱少数专家；它们因此学得更多，也就更受偏爱。这里的办法不改动任何梯度：每一步之后，所得超过均分的专家偏置略降，不足均分的专家偏置略升。某一步的负载只影响下一步。',
  'about.balance.2':
    '只统计训练词元，留出文本、采样和提示词都不会改变偏置。偏置每次移动的幅度为 γ；它的实际作用取决于分数之间的差距，所以小模型与大模型适用的 γ 不同。',

  'about.text.title': '文本',
  'about.text.1':
    '模型从下列来源学习，中文与英文按字节各占一半。文档首尾相接，中间以结束词元隔开；注意力可能从一篇跨到下一篇。留出文本由整篇文档组成，从不参与训练。',
  'about.text.waiting.title': '来源列表随文本一同载入',
  'about.text.waiting.body': '语料载入后会显示在这里；打开“训练”视图时会自动载入。',
  'about.text.waiting.action': '载入文本',
  'about.text.failed': '无法载入文本',
  'about.text.small': '当前是小语料。在构建页面的机器上运行 npm run corpus，可一次性下载诗词和菜谱。',
  'about.text.full': '当前是完整语料。',
  'about.text.amounts': '{training} 篇用于训练，{validation} 篇留出。中文 {zh}，英文 {en}，代码 {none}。',
  'about.text.caption': '训练文本的来源及其许可',
  'about.source.title': '来源',
  'about.source.domain': '领域',
  'about.source.language': '语言',
  'about.source.documents': '文档数',
  'about.source.bytes': '大小',
  'about.source.licence': '许可',
  'about.source.origin': '取自',
  'about.source.parallel': '平行文本：{name}',
  'about.language.zh': '中文',
  'about.language.en': '英文',
  'about.language.none': '无',

  'about.terms.title': '术语',
  'about.term.token': '词元（token）',
  'about.term.token.means': '模型读写的最小文本单位：几个字母、一个汉字，或一个字的部分字节。',
  'about.term.expert': '专家（expert）',
  'about.term.expert.means': '层中的一个小型前馈网络。路由专家只处理分配给它的词元。',
  'about.term.shared': '共享专家',
  'about.term.shared.means': '与路由专家并列、处理所有词元的专家，没有门控。',
  'about.term.router': '路由器（router）',
  'about.term.router.means': '为每个词元给所有专家打分，并选出前 K 位。',
  'about.term.bias': '专家偏置',
  'about.term.bias.means': '只在选择专家时加到分数上的一个数，用来调节该专家分到的工作量。',
  'about.term.load': '负载',
  'about.term.load.means': '一位专家在一步中分到的词元数。除以平均值即相对负载：1 为均分，0 为闲置。',
  'about.term.maxvio': 'MaxVio',
  'about.term.maxvio.means': '一层中最大的相对负载减去 1。即使随机路由也大于 0，图中画出了这条下限；上限为 E/K − 1。',
  'about.term.dead': '死专家',
  'about.term.dead.means': '在预期可得 100 个词元的窗口内，相对负载始终低于 0.01 的专家。',
  'about.term.collapse': '坍缩',
  'about.term.collapse.means': '实际用到的专家不足一半：exp(负载占比的熵) / E 低于 0.5。',
  'about.term.biaschanged': '偏置改变占比',
  'about.term.biaschanged.means': '若没有偏置，所选专家中会有多少不同。',
  'about.term.gamma': 'γ（偏置更新速度）',
  'about.term.gamma.means': '每一步之后偏置移动的幅度。',
  'about.term.loss': '损失',
  'about.term.loss.means':
    '模型对下一个词元的意外程度，以每词元奈特（nat）计。每字节比特数和每字符比特数可用于比较文本，但不能用来给语言排名：一个汉字占 3 个字节。',
  'about.term.baselines': '均匀、一元、二元基线',
  'about.term.baselines.means': '凭猜测的代价：随机猜、按词元频率猜、按前一个词元猜。学会利用上下文的模型会低于最后一条线。',
  'about.term.clip': '梯度裁剪',
  'about.term.clip.means': '梯度超过上限时缩短到上限，以免个别异常批次把模型带偏。',
  'about.term.step': '步、训练、轮',
  'about.term.step.means': '步是权重的一次更新；一次训练（run）从配置开始，到结束为止；轮是把训练文本过一遍。',
  'about.term.shard': '分片（shard）',
  'about.term.shard.means': '一步的批次中固定的一部分。各分片按固定顺序相加，所以工作线程的数量不会改变结果。',

  'about.browsers.title': '浏览器',
  'about.browsers.caption': '各浏览器的计算方式',
  'about.browsers.browser': '浏览器',
  'about.browsers.does': '计算方式',
  'about.browsers.chromium': 'Chrome、Edge',
  'about.browsers.chromium.does': '有图形处理器时用 WebGPU，否则用带 SIMD 的 WebAssembly。',
  'about.browsers.firefox': 'Firefox',
  'about.browsers.firefox.does': '均可使用带 SIMD 的 WebAssembly；若你的系统所用版本支持，则用 WebGPU。',
  'about.browsers.safari': 'Safari',
  'about.browsers.safari.does': '16.4 版起可用带 SIMD 的 WebAssembly，26 版起可用 WebGPU。',
  'about.browsers.note':
    '标签页隐藏后训练仍会继续，但浏览器会放慢它，绘图则停止。设置保存在本浏览器中。除了页面所在的服务器，本页不与任何服务器通信。',

  'about.software.title': '本页所用软件',
  'about.software.body':
    'Switchyard 是以 MIT 许可发布的自由软件，包含 React、React Aria Components（Apache-2.0）、zustand、uPlot、Recharts、zip.js（BSD-3-Clause）和 TensorFlow.js（Apache-2.0）；未注明者均为 MIT 许可。作者见源代码中的 NOTICE。',
} satisfies Record<keyof typeof en, string>;
