"""The side of bench/tokenizer.ts that runs SentencePiece, from PyPI.

    python sentencepiece.py OUTPUT THREADS FILE...

Prints what it measured as JSON.
"""

import sys

# This file's own name would be imported instead of the package.
sys.path.pop(0)

import json
import resource
import time

import sentencepiece

output, threads, *files = sys.argv[1:]
start = time.perf_counter()
sentencepiece.SentencePieceTrainer.train(
    input=files,
    model_prefix=output,
    model_type="bpe",
    vocab_size=30000,
    byte_fallback=True,
    max_sentence_length=1 << 20,
    num_threads=int(threads),
    minloglevel=2,
)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "peak": peak}))
