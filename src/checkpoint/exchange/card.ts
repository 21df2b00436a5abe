// README.md of an exported model: what it is, where it comes from, and how to open it. In English, as model cards are.
import type { ModelConfig } from '../../config/modelConfig';
import type { StoredType } from '../safetensorsHeader';

/** Where the weights come from. */
export interface Provenance {
  /** Of the run, e.g. two words. */
  readonly name: string;
  /** Steps trained, and tokens seen in them; null where nobody knows. */
  readonly trained: { readonly steps: number; readonly tokens: number } | null;
  /** Version of the program that wrote the files. */
  readonly build: string;
}

export interface CardFacts extends Provenance {
  readonly model: ModelConfig;
  readonly dtype: StoredType;
  readonly isFolded: boolean;
  readonly hasTokenizer: boolean;
  readonly values: number;
}

/** The text of the card. */
export function modelCard({ name, trained, build, model, dtype, isFolded, hasTokenizer, values }: CardFacts): string {
  const { nRoutedExperts: E, nSharedExperts, numExpertsPerTok: K, numHiddenLayers: L } = model;
  const experts =
    E > 0
      ? `${L} layers, of which the first ${Math.min(model.firstKDenseReplace, L)} are dense; ${E} routed experts, ${K} for each token, and ${nSharedExperts} shared`
      : `${L} dense layers`;
  const scaling = isFolded
    ? `The routed scaling factor (${model.routedScalingFactor}) is folded into the experts' down projections, and config.json says 1.0: readers that scale the shared experts too then give the same logits.`
    : `The routed experts are scaled by ${model.routedScalingFactor}, the shared ones are not.`;
  return `---
library_name: transformers
pipeline_tag: text-generation
${hasTokenizer ? 'language:\n  - zh\n  - en\n' : ''}tags:
  - dots1
  - mixture-of-experts
  - switchyard
---

# ${name}

A small language model with the architecture of dots.llm1 (\`dots1\`), trained by Switchyard (${build}).

- ${experts}
- width ${model.hiddenSize}, ${model.numAttentionHeads} heads of ${model.headDim}, ${model.numKeyValueHeads} for keys and values, vocabulary ${model.vocabSize}
- ${values.toLocaleString('en-US')} parameters, stored as ${dtype}
${trained ? `- trained for ${trained.steps.toLocaleString('en-US')} steps, ${trained.tokens.toLocaleString('en-US')} tokens\n` : ''}
${E > 0 ? `${scaling}\n\n` : ''}\`\`\`python
from transformers import AutoModelForCausalLM${hasTokenizer ? ', AutoTokenizer' : ''}

model = AutoModelForCausalLM.from_pretrained(".")
${hasTokenizer ? 'tokenizer = AutoTokenizer.from_pretrained(".")\n' : ''}\`\`\`
${hasTokenizer ? '\nDocuments were packed with an end token between them: put `<|endoftext|>` before a prompt, as in training.\n' : ''}
It is a model to look into, not one to rely on: it was trained on a few megabytes of text and makes things up.
`;
}
