"""Loads an export with Hugging Face transformers and holds its logits against the engine's own.

An owner's check: it needs Python with transformers (4.53 or newer, the first that knows dots1) and torch, which the project does not.

    npm run export -- --from runs/first --out exported
    python -m venv .venv && .venv/bin/pip install torch transformers
    .venv/bin/python scripts/check-transformers.py exported

The folder holds what `npm run export` writes. Its expected-logits.json says what the engine computed from the exported weights:

    {"input_ids": [B][T], "logits": [B][T][V], "tolerance": 1e-4, "text": "what the first row decodes to (may be absent)"}

The largest difference over the largest expected logit has to stay within the tolerance. Weights of 16 bits are widened before anything is
computed, here as there. Exit codes: 0 the same, 1 not the same, 2 cannot tell.
"""

import argparse
import json
import math
import sys
from pathlib import Path


def flat(values):
    """All numbers of nested lists, in order."""
    if isinstance(values, list):
        return [number for inner in values for number in flat(inner)]
    return [values]


def shape(values):
    """Lengths of nested lists, outermost first."""
    return [len(values), *shape(values[0])] if isinstance(values, list) and values else []


def relative_error(actual, expected):
    """Largest |actual - expected| over the largest |expected|; infinite where either is no number."""
    if shape(actual) != shape(expected):
        raise ValueError(f"transformers gives logits {shape(actual)}, the engine {shape(expected)}")
    actual, expected = flat(actual), flat(expected)
    if not all(map(math.isfinite, actual)) or not all(map(math.isfinite, expected)):
        return math.inf
    return max(abs(one - other) for one, other in zip(actual, expected)) / max(map(abs, expected))


def load_model(folder):
    """The model in float32, and what its checkpoint lacks or has too much of."""
    import torch
    import transformers

    version = tuple(int(part) for part in transformers.__version__.split(".")[:2])
    precision = {"dtype" if version >= (4, 56) else "torch_dtype": torch.float32}
    model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, **precision)
    kinds = ("missing_keys", "unexpected_keys", "mismatched_keys")
    complaints = [f"{kind}: {sorted(map(str, info[kind]))}" for kind in kinds if info.get(kind)]
    if type(model).__name__ != "Dots1ForCausalLM":
        complaints.append(f"transformers made a {type(model).__name__} of it")
    return model.eval(), complaints


def logits_of(model, ids):
    """[B][T][V], as nested lists."""
    import torch

    with torch.no_grad():
        return model(input_ids=torch.tensor(ids), use_cache=False).logits.float().tolist()


def check_tokenizer(folder, ids, text):
    """What is wrong with the tokenizer of the export, as a list of sentences."""
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(text, add_special_tokens=False)["input_ids"]
    complaints = [] if encoded == ids else [f"the tokenizer encodes {text!r} to {encoded}, the engine to {ids}"]
    decoded = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    return complaints if decoded == text else [*complaints, f"the tokenizer decodes {ids} to {decoded!r}, the engine to {text!r}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of an export")
    folder = parser.parse_args().folder
    try:
        expected = json.loads((folder / "expected-logits.json").read_text(encoding="utf-8"))
        ids, logits, tolerance = (expected[key] for key in ("input_ids", "logits", "tolerance"))
        model, complaints = load_model(folder)
    except ImportError as error:
        sys.exit(cannot_tell(f"{error.name} is missing: pip install torch transformers"))
    except (OSError, ValueError, KeyError) as error:
        sys.exit(cannot_tell(f"{folder} cannot be loaded: {error!r}"))
    error = relative_error(logits_of(model, ids), logits)
    print(f"logits {shape(logits)}: relative error {error:.2e}, allowed {tolerance:.0e}")
    if not error <= tolerance:
        complaints.append("the logits differ")
    if "text" in expected:
        complaints += check_tokenizer(folder, ids[0], expected["text"])
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


def cannot_tell(sentence):
    """Says why, and gives the exit code."""
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
