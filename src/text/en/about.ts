// The About view, in English. Keys are shared with zh/about.ts.

export const about = {
  'about.title': 'About Switchyard',
  'about.contents': 'On this page',
  'about.lead':
    'Switchyard trains a real Mixture-of-Experts language model inside this page, on your machine, and shows where its tokens go while it learns. Nothing leaves the browser.',

  'about.model.title': 'The model',
  'about.model.1':
    'The model has the structure of dots.llm1: a decoder-only transformer with RMSNorm, rotary positions and RMSNorm on queries and keys. The first layer is dense. In every later layer a router sends each token to a few of many small experts, and a shared expert works on every token.',
  'about.model.2':
    'The router scores each expert with a sigmoid. A bias per expert is added to the scores only to choose the top experts; the weights of the chosen ones come from the scores alone. No token is dropped, however crowded an expert is.',
  'about.model.3':
    'It is small: about a million parameters where dots.llm1 has 142.77 billion. It learns to spell, to tell languages apart and to imitate a style. It does not learn to reason, and its sentences need not be true.',
  'about.balance.title': 'Balance without a loss',
  'about.balance.1':
    'Left alone, a router may favour a few experts, which then learn more and are favoured more. The remedy here changes no gradient: after each step an expert that got more than its fair share loses a little bias, one that got less gains a little. The load of a step steers the next step only.',
  'about.balance.2':
    'Only training tokens count. Validation, samples and prompts never move the bias. The step of the bias is γ; how strongly it acts depends on how far the scores lie apart, so small models need another γ than large ones.',

  'about.text.title': 'The text',
  'about.text.1':
    'The model learns from the sources below, Chinese and English in equal parts by bytes. Documents are packed one after another with an end token between them; attention may cross from one document into the next. Whole documents are held out for validation and never trained on.',
  'about.text.waiting.title': 'The list of sources comes with the text',
  'about.text.waiting.body': 'It appears here when the corpus has been loaded; the Train view loads it.',
  'about.text.waiting.action': 'Load the text',
  'about.text.failed': 'The text could not be loaded',
  'about.text.small':
    'This is the small corpus. Run npm run corpus where the page is built to fetch poetry and recipes as well (a one-time download).',
  'about.text.full': 'This is the full corpus.',
  'about.text.amounts': '{training} documents to learn from, {validation} held out. {zh} Chinese, {en} English, {none} code.',
  'about.text.caption': 'Sources of the training text, with their licences',
  'about.source.title': 'Source',
  'about.source.domain': 'Domain',
  'about.source.language': 'Language',
  'about.source.documents': 'Documents',
  'about.source.bytes': 'Size',
  'about.source.licence': 'Licence',
  'about.source.origin': 'Comes from',
  'about.source.parallel': 'parallel text: {name}',
  'about.language.zh': 'Chinese',
  'about.language.en': 'English',
  'about.language.none': 'none',

  'about.terms.title': 'Terms',
  'about.term.token': 'Token',
  'about.term.token.means': 'A piece of text the model reads and writes: a few letters, a character, or some of its bytes.',
  'about.term.expert': 'Expert',
  'about.term.expert.means': 'A small feed-forward network in a layer. A routed expert works only on the tokens sent to it.',
  'about.term.shared': 'Shared expert',
  'about.term.shared.means': 'An expert that works on every token, beside the routed ones, with no gate.',
  'about.term.router': 'Router',
  'about.term.router.means': 'Scores every expert for every token and chooses the top K.',
  'about.term.bias': 'Expert bias',
  'about.term.bias.means': 'A number added to an expert’s score for the choice only. It steers how much work the expert gets.',
  'about.term.load': 'Load',
  'about.term.load.means':
    'How many tokens an expert got in a step. Divided by the mean it is the relative load: 1 is fair, 0 is dead.',
  'about.term.maxvio': 'MaxVio',
  'about.term.maxvio.means':
    'Largest relative load of a layer, less 1. Even random routing is above 0: the floor is drawn beside it. Its ceiling is E/K − 1.',
  'about.term.dead': 'Dead expert',
  'about.term.dead.means': 'One whose relative load stays below 0.01 over a window in which 100 tokens were expected.',
  'about.term.collapse': 'Collapse',
  'about.term.collapse.means':
    'The tokens use fewer than half of the experts in effect: exp(entropy of the load shares) / E is below 0.5.',
  'about.term.biaschanged': 'Bias-changed share',
  'about.term.biaschanged.means': 'How much of the choice would be different without the bias.',
  'about.term.gamma': 'γ (bias update speed)',
  'about.term.gamma.means': 'How far the bias moves after each step.',
  'about.term.loss': 'Loss',
  'about.term.loss.means':
    'How surprised the model is by the next token, in nats for each token. Bits per byte and per character compare texts, but do not rank languages: a Chinese character takes 3 bytes.',
  'about.term.baselines': 'Uniform, unigram, bigram',
  'about.term.baselines.means':
    'What guessing would cost: by chance, by how often each token occurs, by which token came before. A model that learns context falls below the last.',
  'about.term.clip': 'Clipping',
  'about.term.clip.means':
    'A gradient longer than the limit is shortened to it, so that one odd batch does not throw the model off.',
  'about.term.step': 'Step, run, epoch',
  'about.term.step.means':
    'One update of the weights; a training from its configuration to its end; one pass over the training text.',
  'about.term.shard': 'Shard',
  'about.term.shard.means':
    'A fixed part of a step’s batch. Shards are added up in a fixed order, so the number of workers never changes a result.',

  'about.browsers.title': 'Browsers',
  'about.browsers.caption': 'What computes where',
  'about.browsers.browser': 'Browser',
  'about.browsers.does': 'What it does',
  'about.browsers.chromium': 'Chrome, Edge',
  'about.browsers.chromium.does': 'WebGPU where there is a graphics processor, otherwise WebAssembly with SIMD.',
  'about.browsers.firefox': 'Firefox',
  'about.browsers.firefox.does': 'WebAssembly with SIMD everywhere; WebGPU where the release for your system has it.',
  'about.browsers.safari': 'Safari',
  'about.browsers.safari.does': 'WebAssembly with SIMD from version 16.4; WebGPU from version 26.',
  'about.browsers.note':
    'A hidden tab goes on training, but browsers slow it down; drawing stops. Settings are kept in this browser. The page talks to no server but the one it came from.',

  'about.software.title': 'Software in this page',
  'about.software.body':
    'Switchyard is free software under the MIT licence. It contains React, React Aria Components (Apache-2.0), zustand, uPlot, Recharts, zip.js (BSD-3-Clause) and TensorFlow.js (Apache-2.0); those without a note are under the MIT licence. NOTICE in the source names their authors.',
};
