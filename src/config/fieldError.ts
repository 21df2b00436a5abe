// What is wrong with a value a person gave, as data: the screen words it in the person's language.

/** A rule a field breaks. `params` fill the message of that rule. */
export interface FieldError {
  /** Dotted path, e.g. 'model.headDim'. */
  readonly field: string;
  readonly value: unknown;
  readonly rule:
    | 'type' // params: expected
    | 'integer'
    | 'range' // params: min, max
    | 'even'
    | 'divides' // value must divide params.other (named params.otherField)
    | 'multipleOf' // value must be a multiple of params.other (named params.otherField)
    | 'atMost' // value ≤ params.other (named params.otherField)
    | 'atLeast' // value ≥ params.min, because of params.other (named params.otherField)
    | 'groupSize' // nGroup: params.experts in that many groups leave fewer than two each
    | 'reach' // numExpertsPerTok ≤ params.reach, the experts of params.groups kept groups
    | 'needsExperts' // must be 0 in a model without routed experts
    | 'oneOf' // params: options
    | 'json' // a text that is no JSON; the value says where
    | 'repeated' // given twice
    | 'unknown'; // no such field
  readonly params: Readonly<Record<string, string | number>>;
}
