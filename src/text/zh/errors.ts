// What went wrong, why, and what to do next, in Simplified Chinese.
import type { errors as en } from '../en/errors';

export const errors = {
  'error.rule.type': '{field} 的值是 {value}，应当是{expected}。',
  'error.rule.integer': '{field} 的值是 {value}，应当是整数。',
  'error.rule.range': '{field} 的值是 {value}，应当在 {min} 到 {max} 之间。',
  'error.rule.even': '{field} 的值是 {value}，应当是偶数。',
  'error.rule.divides': '{field} 的值是 {value}，不能整除{otherField}（{other}）。',
  'error.rule.multipleOf': '{field} 的值是 {value}，不是{otherField}（{other}）的倍数。',
  'error.rule.atMost': '{field} 的值是 {value}，但不能超过{otherField}（{other}）。',
  'error.rule.atLeast': '{field} 的值是 {value}，因为{otherField}是 {other}，所以至少应为 {min}。',
  'error.rule.groupSize': '{field} 的值是 {value}，但 {experts} 个专家分成这么多组，每组就不足两个。',
  'error.rule.reach': '{field} 的值是 {value}，但保留的组（{groups} 个）总共只有 {reach} 个专家。',
  'error.rule.needsExperts': '{field} 的值是 {value}，但没有路由专家的模型中它必须为 0。',
  'error.rule.oneOf': '{field} 的值是 {value}，应当是以下之一：{options}。',
  'error.rule.repeated': '{field} 重复给出（又一次是 {value}）。',
  'error.rule.unknown': '{field}（{value}）不是配置中的字段。',
  'error.expected.integer': '整数',
  'error.expected.number': '数字',
  'error.expected.boolean': '开或关',
  'error.expected.choice': '选项之一',
  'error.expected.names': '由小写字母名称组成的列表',
  'error.expected.object': '一组字段',
  'error.expected.change': '至少一项改动',
  'error.expected.name': '由小写字母组成的短名称',
  'error.field.config': '配置',
  'error.field.model': '模型部分',
  'error.field.train': '训练部分',
  'error.field.data': '文本部分',
  'error.field.change': '改动',
  'error.field.link': '链接',
  'error.field.link.version': '链接的版本',
  'error.field.link.view': '链接中的视图',
  'error.field.link.preset': '链接中的预设',
  'error.value.missing': '缺失',
  'error.value.empty': '空',
  'error.code.invalid-config': '无法用这份配置训练：有的值不符合规则。请改正标出的字段后重新开始。',
  'error.code.backend-unavailable': '所选后端无法启动，浏览器或驱动拒绝了它。请换一个后端，或更新浏览器。详情：{detail}',
  'error.code.device-lost':
    '图形设备丢失，通常是驱动重置或休眠造成的，设备上的模型也随之丢失。请重新开始训练，或改用其他后端。详情：{detail}',
  'error.code.corpus-missing':
    '训练文本加载失败，服务器没有返回文件。请检查网络后刷新页面；如果在本机运行，请重新执行 npm start。详情：{detail}',
  'error.code.corpus-damaged':
    '训练文本已损坏，校验值与预期不符。请清除缓存后刷新；仍然不行就重新执行 npm run corpus。详情：{detail}',
  'error.code.no-text': '所选领域和中文占比没有留下可用的文本。请多选几个领域，或调整占比。',
  'error.code.no-run': '还没有训练可供操作，因为尚未开始。请先按“开始”。',
  'error.code.model-unavailable': '找不到所请求的模型：它没有保存过，或已被删除。请选择其他模型。详情：{detail}',
  'error.code.non-finite-step':
    '有一步算出了非有限的数值，因此没有应用，训练已暂停。通常调低学习率即可，然后按“开始”继续。详情：{detail}',
  'error.code.out-of-memory': '内存放不下这个模型。请减小宽度、层数、专家数或批大小。所需与可用：{detail}',
  'error.code.storage-full':
    '浏览器不再给本页空间，这次训练没有保存下来。训练照常进行。请腾出空间，或不时下载训练状态。详情：{detail}',
  'error.code.storage-denied':
    '浏览器没有给本页存储空间（例如无痕窗口），刷新会丢失这次训练。训练照常进行。请允许存储，或在离开前下载训练状态。详情：{detail}',
  'error.code.storage-failed': '浏览器存储出错，这一次没有保存成功。训练照常进行，稍后会再试。详情：{detail}',
  'error.code.storage-damaged':
    '保存的训练已无法读取，存储内容被改动或丢失。请打开下载过的状态文件，或从种子重新开始。详情：{detail}',
  'error.code.run-elsewhere': '另一个标签页正在使用这次训练，只能由一处写入。请到那里继续，或在这里接管。',
  'error.code.run-unreadable': '这个文件不是可读取的训练状态。请选择从本页下载、或由命令行保存的文件。详情：{detail}',
  'error.code.run-other-text':
    '这次训练所用的文本或分词器与这里的不同，数字的含义也就不同。请先准备同样的文本再试。校验值：{detail}',
  'error.code.cancelled': '已按你的要求停止，没有做任何改动，随时可以重新开始。',
  'error.code.internal': '程序内部出现了不该有的错误。请刷新页面；如果再次发生，请把以下信息反馈给我们：{detail}',
} satisfies Record<keyof typeof en, string>;
