// What went wrong, why, and what to do next, in English. Keys are shared with zh/errors.ts.

export const errors = {
  'error.rule.type': '{field} is {value}, but has to be {expected}.',
  'error.rule.integer': '{field} is {value}, but has to be a whole number.',
  'error.rule.range': '{field} is {value}, but has to lie between {min} and {max}.',
  'error.rule.even': '{field} is {value}, but has to be even.',
  'error.rule.divides': '{field} is {value}, which does not divide {otherField} ({other}).',
  'error.rule.multipleOf': '{field} is {value}, which is not a multiple of {otherField} ({other}).',
  'error.rule.atMost': '{field} is {value}, but {otherField} allows {other} at most.',
  'error.rule.atLeast': '{field} is {value}, but has to be at least {min}, because {otherField} is {other}.',
  'error.rule.groupSize': '{field} is {value}, but {experts} experts in so many groups leave fewer than two to a group.',
  'error.rule.reach': '{field} is {value}, but the kept groups ({groups}) hold only {reach} experts.',
  'error.rule.needsExperts': '{field} is {value}, but has to be 0 in a model without routed experts.',
  'error.rule.oneOf': '{field} is {value}, but has to be one of: {options}.',
  'error.rule.json': '{field} cannot be read as JSON: {value}.',
  'error.rule.repeated': '{field} is given twice (again as {value}).',
  'error.rule.unknown': '{field} ({value}) is not a field of a configuration.',
  'error.expected.integer': 'a whole number',
  'error.expected.number': 'a number',
  'error.expected.boolean': 'on or off',
  'error.expected.choice': 'one of the choices',
  'error.expected.names': 'a list of names in small letters',
  'error.expected.object': 'a group of fields',
  'error.expected.change': 'at least one change',
  'error.expected.list': 'a list',
  'error.expected.range': 'a range of tokens, first and end',
  'error.expected.name': 'a short name in small letters',
  'error.field.config': 'The configuration',
  'error.field.model': 'The model part',
  'error.field.train': 'The training part',
  'error.field.data': 'The text part',
  'error.field.change': 'The change',
  'error.field.link': 'The link',
  'error.field.link.version': 'The link’s version',
  'error.field.link.view': 'The link’s view',
  'error.field.link.preset': 'The link’s preset',
  'error.field.texts': 'The number of texts',
  'error.field.prompt': 'The number of tokens of the prompt',
  'error.field.continuation': 'A token after the prompt',
  'error.field.layer': 'The layer',
  'error.field.interventions': 'The number of interventions',
  'error.field.interventions.force': 'The set of forced experts',
  'error.field.interventions.mute': 'The number of experts left to choose',
  'error.field.generation.tokens': 'The number of tokens to write',
  'error.field.generation.temperature': 'The temperature',
  'error.field.generation.topK': 'Top-k',
  'error.field.generation.topP': 'Top-p',
  'error.field.generation.repetitionPenalty': 'The repetition penalty',
  'error.field.generation.seed': 'The seed of the text',
  'error.field.sweep.tokens': 'The number of tokens to measure on',
  'error.field.sweep.text': 'The text to measure on',
  'error.field.sweep.modes': 'The kinds of ablation',
  'error.field.sweep.shares': 'The share of experts kept',
  'error.field.sweep.seed': 'The seed of the swaps',
  'error.value.missing': 'missing',
  'error.value.empty': 'empty',
  'error.value.noNumber': 'no number',
  'error.code.invalid-config':
    'This configuration cannot be trained: some values break a rule. Correct the marked fields and start again.',
  'error.code.invalid-question':
    'The model cannot be asked this: some values do not fit it. Correct what is named and ask again.',
  'error.code.backend-unavailable':
    'The chosen backend did not start, because the browser or its driver refused it. Choose another backend, or update the browser. Details: {detail}',
  'error.code.engine-crashed': 'The part of this page that computes has ended, and the model in it is gone. Details: {detail}',
  'error.code.device-lost':
    'The graphics device was lost, usually after a driver reset or sleep, and the model on it is gone. Details: {detail}',
  'error.code.corpus-missing':
    'The text to learn from could not be loaded, because the server did not deliver it. Check the connection and reload; on your own machine, run npm start again. Details: {detail}',
  'error.code.corpus-damaged':
    'The text to learn from is damaged: its checksum differs from the expected one. Reload without the cache; if that does not help, run npm run corpus again. Details: {detail}',
  'error.code.no-text': 'The chosen domains and Chinese share leave no text to learn from. Choose more domains or another share.',
  'error.code.no-run': 'There is no run to do this with, because none has been started. Press Play first.',
  'error.code.model-unavailable':
    'The model asked for is not here: it was never saved, or has been removed. Choose another one. Details: {detail}',
  'error.code.non-finite-step':
    'A step produced a value that is not a finite number, so it was not applied and the run is paused. A lower learning rate usually helps; then press Play. Details: {detail}',
  'error.code.out-of-memory':
    'The model does not fit into memory. Choose a narrower model, fewer layers or experts, or a smaller batch. Needed and available: {detail}',
  'error.code.storage-full':
    'The browser gives this page no more room, so the run is not being kept. Training goes on. Free space, or download the run’s state now and then. Details: {detail}',
  'error.code.storage-denied':
    'The browser gives this page no storage, as in a private window, so a reload would lose the run. Training goes on. Allow storage, or download the run’s state before you leave. Details: {detail}',
  'error.code.storage-failed':
    'The run could not be kept this time, because the browser’s storage failed. Training goes on, and it is tried again. Details: {detail}',
  'error.code.storage-stuck':
    'Nothing newer than step {detail} is kept: a copy has been under way for over a minute and does not end. Training goes on. Download the run’s state, then reload the page.',
  'error.code.storage-damaged':
    'What was kept of this run cannot be read: the storage changed or lost it. Open a downloaded state, or start again from the seed. Details: {detail}',
  'error.code.run-elsewhere': 'Another tab has this run, and only one may write it. Go on there, or take it over here.',
  'error.code.run-unreadable':
    'This file is no run state that can be read here, or was damaged on its way. Choose one that was downloaded from this page or saved by its commands. Details: {detail}',
  'error.code.run-other-text':
    'This run learned from another text or tokenizer than is here, so its numbers would mean something else. Prepare the same text, then try again. Checksums: {detail}',
  'error.code.checkpoint-unreadable':
    'These files are no dots1 checkpoint that can be read here, so nothing was taken in. Choose config.json and all weight files of one model, or a zip of them. Details: {detail}',
  'error.code.checkpoint-unwritable':
    'This model cannot be written that way: the published format or the chosen number type has no room for it. Choose another type, or keep the run state instead. Details: {detail}',
  'error.code.cancelled': 'Stopped, as you asked. Nothing was changed; start it again when you like.',
  'error.code.internal':
    'Something in this program went wrong that should not have. If it happens again, please reload the page and report these details: {detail}',
};
