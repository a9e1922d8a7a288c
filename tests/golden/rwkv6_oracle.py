"""RWKV-6 "Finch" (Peng et al. 2024, arXiv 2404.05892; x060) by its equations,
in numpy and 64 bits, as the judge of other implementations.

    python3 rwkv6_oracle.py                    writes rwkv6-tiny.safetensors and
                                               rwkv6-tiny.json beside itself
    python3 rwkv6_oracle.py MODEL.bin LOGITS   says how far its logits are from
                                               those that rwkv.cpp expects of its
                                               tiny model after the bytes `"in`
"""

import json
import math
import os
import struct
import sys

import numpy as np

LAYERS, WIDTH, HEAD, FFN, VOCABULARY = 2, 64, 32, 96, 30
MIX_RANK, DECAY_RANK = 6, 10
LAYER_NORM_EPSILON = 1e-5
GROUP_NORM_EPSILON = 64e-5  # 1e-5 · head_size_divisor², which is 8
MIXES = "wkvrg"  # the order of time_maa_w1's columns and of time_maa_w2
PROMPTS = [[7], [1, 2, 3, 29, 0], [5, 5, 17, 28, 3, 9, 11, 5, 5, 17, 2, 0, 21, 13, 5, 5, 17]]
# Two sequences of a batch: what is read, what shall follow.
INPUTS = [[3, 14, 15, 9, 26, 5, 3, 5, 8, 9, 7, 9], [2, 7, 18, 28, 1, 8, 2, 8, 4, 5, 9, 0]]
TARGETS = [row[1:] + [row[0]] for row in INPUTS]
STEP = 1e-5  # of the central differences


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normalised(x, epsilon):
    """Over the last axis, with the variance that divides by n."""
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)


def layer_norm(p, name, x):
    return normalised(x, LAYER_NORM_EPSILON) * p[f"{name}.weight"] + p[f"{name}.bias"]


def row(p, name):
    """A vector, which the official files have as (1, 1, C)."""
    return p[name].reshape(-1)


def token_before(x):
    """(T, C): each row's predecessor; nothing is before the first."""
    return np.concatenate([np.zeros_like(x[:1]), x[:-1]])


def wkv6(r, k, v, w, u):
    """y_t = r_t (S + (u ∘ k_t)ᵀ v_t), then S = diag(w_t) S + k_tᵀ v_t.

    r, k, v, w (T, H, N), u (H, N); S (H, N of keys, N of values).
    """
    state = np.zeros((*u.shape, u.shape[1]))
    y = np.empty_like(r)
    for t in range(len(r)):
        pair = k[t][:, :, None] * v[t][:, None, :]
        y[t] = np.einsum("hi,hij->hj", r[t], state + u[:, :, None] * pair)
        state = w[t][:, :, None] * state + pair
    return y


def time_mixing(p, at, x):
    width = x.shape[1]
    heads, head = p[f"{at}.time_faaaa"].shape
    back = token_before(x) - x
    inner = np.tanh((x + back * row(p, f"{at}.time_maa_x")) @ p[f"{at}.time_maa_w1"])
    inner = inner.reshape(len(x), len(MIXES), -1)
    mixed = {}
    for i, letter in enumerate(MIXES):
        share = row(p, f"{at}.time_maa_{letter}") + inner[:, i] @ p[f"{at}.time_maa_w2"][i]
        mixed[letter] = x + back * share
    r = mixed["r"] @ p[f"{at}.receptance.weight"].T
    k = mixed["k"] @ p[f"{at}.key.weight"].T
    v = mixed["v"] @ p[f"{at}.value.weight"].T
    gate = mixed["g"] @ p[f"{at}.gate.weight"].T
    decay = np.tanh(mixed["w"] @ p[f"{at}.time_decay_w1"]) @ p[f"{at}.time_decay_w2"]
    w = np.exp(-np.exp(row(p, f"{at}.time_decay") + decay))
    in_heads = [a.reshape(-1, heads, head) for a in (r, k, v, w)]
    y = wkv6(*in_heads, p[f"{at}.time_faaaa"])
    y = normalised(y, GROUP_NORM_EPSILON).reshape(-1, width)
    y = y * p[f"{at}.ln_x.weight"] + p[f"{at}.ln_x.bias"]
    return (y * gate * sigmoid(gate)) @ p[f"{at}.output.weight"].T


def channel_mixing(p, at, x):
    back = token_before(x) - x
    k = (x + back * row(p, f"{at}.time_maa_k")) @ p[f"{at}.key.weight"].T
    r = (x + back * row(p, f"{at}.time_maa_r")) @ p[f"{at}.receptance.weight"].T
    return sigmoid(r) * (np.maximum(k, 0) ** 2 @ p[f"{at}.value.weight"].T)


def logits_of(p, ids):
    """(T, vocabulary): what follows each token."""
    x = layer_norm(p, "blocks.0.ln0", p["emb.weight"][ids])
    layer = 0
    while f"blocks.{layer}.ln1.weight" in p:
        block = f"blocks.{layer}"
        x = x + time_mixing(p, f"{block}.att", layer_norm(p, f"{block}.ln1", x))
        x = x + channel_mixing(p, f"{block}.ffn", layer_norm(p, f"{block}.ln2", x))
        layer += 1
    return layer_norm(p, "ln_out", x) @ p["head.weight"].T


def loss_of(p):
    """Mean cross-entropy in nats over the batch."""
    losses = []
    for ids, targets in zip(INPUTS, TARGETS):
        z = logits_of(p, ids)
        top = z.max(-1, keepdims=True)
        z = z - top - np.log(np.exp(z - top).sum(-1, keepdims=True))
        losses += [-z[t, target] for t, target in enumerate(targets)]
    return float(np.mean(losses))


def tiny_model():
    """Random weights with the official names and shapes: every part matters in
    the logits, decays are from nearly 0 to nearly 1, and f16 holds all values."""
    random = np.random.default_rng(6)
    p = {}

    def put(name, *shape, scale, middle=0.0):
        values = middle + scale * random.standard_normal(shape)
        p[name] = values.astype(np.float16).astype(np.float64)

    def matrix(name, rows, columns, gain=1.0):
        put(name, rows, columns, scale=gain / math.sqrt(columns))

    def norm(name):
        put(f"{name}.weight", WIDTH, scale=0.2, middle=1.0)
        put(f"{name}.bias", WIDTH, scale=0.2)

    def vector(name, low, high):
        values = random.uniform(low, high, (1, 1, WIDTH))
        p[name] = values.astype(np.float16).astype(np.float64)

    matrix("emb.weight", VOCABULARY, WIDTH, 4)
    norm("blocks.0.ln0")
    for layer in range(LAYERS):
        block, att, ffn = (f"blocks.{layer}{part}" for part in ("", ".att", ".ffn"))
        norm(f"{block}.ln1")
        norm(f"{block}.ln2")
        for letter in "x" + MIXES:
            vector(f"{att}.time_maa_{letter}", 0, 1)
        put(f"{att}.time_maa_w1", WIDTH, len(MIXES) * MIX_RANK, scale=0.15)
        put(f"{att}.time_maa_w2", len(MIXES), MIX_RANK, WIDTH, scale=0.2)
        vector(f"{att}.time_decay", -5, 0.5)
        put(f"{att}.time_decay_w1", WIDTH, DECAY_RANK, scale=0.15)
        put(f"{att}.time_decay_w2", DECAY_RANK, WIDTH, scale=0.3)
        put(f"{att}.time_faaaa", WIDTH // HEAD, HEAD, scale=0.7)
        for role in ("receptance", "key", "value", "output", "gate"):
            matrix(f"{att}.{role}.weight", WIDTH, WIDTH)
        norm(f"{att}.ln_x")
        for letter in "kr":
            vector(f"{ffn}.time_maa_{letter}", 0, 1)
        matrix(f"{ffn}.key.weight", FFN, WIDTH)
        matrix(f"{ffn}.receptance.weight", WIDTH, WIDTH)
        matrix(f"{ffn}.value.weight", WIDTH, FFN)
    norm("ln_out")
    matrix("head.weight", VOCABULARY, WIDTH)
    return p


def gradients(p):
    """Of the loss, by central differences: a few entries of every parameter."""
    random = np.random.default_rng(60)
    found = {}
    for name, values in p.items():
        flat = values.reshape(-1)
        rows = sorted({id for row in INPUTS for id in row})
        entries = []
        for _ in range(4):
            index = int(random.integers(flat.size))
            if name == "emb.weight":  # a row that is read
                index = int(random.choice(rows)) * WIDTH + index % WIDTH
            own = flat[index]
            flat[index] = own + STEP
            above = loss_of(p)
            flat[index] = own - STEP
            below = loss_of(p)
            flat[index] = own
            entries.append([index, (above - below) / (2 * STEP)])
        found[name] = entries
    return found


def write_safetensors(path, p):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, values in p.items():
        piece = values.astype("<f2").tobytes()
        header[name] = {
            "dtype": "F16",
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(piece)],
        }
        data += piece
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_rwkv_cpp(path):
    """A model of rwkv.cpp by official names and layout; f32, f16, Q5_0, Q5_1."""
    with open(path, "rb") as file:
        data = file.read()
    at, p = 24, {}
    while at < len(data):
        count, name_length, kind = struct.unpack_from("<3i", data, at)
        extents = struct.unpack_from(f"<{count}i", data, at + 12)
        at += 12 + 4 * count
        name = data[at : at + name_length].decode()
        at += name_length
        size = math.prod(extents)
        if kind in (0, 1):
            values = np.frombuffer(data, ("<f4", "<f2")[kind], size, at)
            at += size * (4, 2)[kind]
        else:
            head = {7: 2, 8: 4}[kind]
            raw = np.frombuffer(data, np.uint8, size // 32 * (head + 20), at).reshape(-1, head + 20)
            at += raw.size
            scale = raw[:, :2].copy().view("<f2").astype(float)
            fifths = raw[:, head : head + 4].copy().view("<u4")
            bits = (fifths >> np.arange(32, dtype=np.uint32)) & 1
            nibbles = np.concatenate([raw[:, head + 4 :] & 15, raw[:, head + 4 :] >> 4], 1)
            whole = nibbles + 16.0 * bits
            least = -16 * scale if kind == 7 else raw[:, 2:4].copy().view("<f2").astype(float)
            values = scale * whole + least
        values = values.astype(float).reshape(extents[::-1])
        part = name.split(".")[-1]
        if part in ("time_maa_w1", "time_decay_w1", "time_decay_w2"):
            values = values.T
        elif part == "time_maa_w2":
            values = values.transpose(0, 2, 1)
        elif part == "time_faaaa":
            values = values[..., 0]
        elif part == "time_decay":
            values = values.reshape(-1)
        p[name] = values
    return p


def main():
    if len(sys.argv) == 3:
        expected = np.fromfile(sys.argv[2], "<f4")
        got = logits_of(read_rwkv_cpp(sys.argv[1]), [34, 105, 110])[-1]
        print("greatest difference", np.abs(got - expected).max())
        print("sum of differences", (got - expected).sum())
        print("likeliest", got.argmax(), expected.argmax())
        return
    folder = os.path.dirname(os.path.abspath(__file__))
    p = tiny_model()
    write_safetensors(f"{folder}/rwkv6-tiny.safetensors", p)
    answers = {
        "prompts": [{"ids": ids, "logits": logits_of(p, ids).tolist()} for ids in PROMPTS],
        "inputs": INPUTS,
        "targets": TARGETS,
        "loss": loss_of(p),
        "gradients": gradients(p),
    }
    rounded = json.loads(json.dumps(answers), parse_float=lambda text: float(f"{float(text):.12g}"))
    with open(f"{folder}/rwkv6-tiny.json", "w") as file:
        json.dump(rounded, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
