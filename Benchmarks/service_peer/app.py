"""The peer's web service: `PEER_FOLDER=... gunicorn app:app`. Models are loaded as the module is: once for each worker,
or once before the workers are forked, where gunicorn is told to preload."""

import os

from flask import Flask, jsonify, request

from recommender import Recommender

app = Flask(__name__)
recommender = Recommender.load(os.environ["PEER_FOLDER"])


@app.get("/empty")
def empty():
    return jsonify(items=[])


@app.get("/recommend")
def recommend():
    ids, scores = recommender.recommend(
        request.args.get("user", type=int),
        request.args.get("limit", 10, type=int),
        request.args.get("max_price", type=float),
        request.args.get("diversity", 0.0, type=float),
        request.args.get("per_brand", 0, type=int),
    )
    return jsonify(items=[{"id": item, "score": score} for item, score in zip(ids.tolist(), scores.tolist())])
