#!/usr/bin/python3
"""Encodes the data of every vector with python3-avro, demands the bytes avsc made, and signs. Run after encode.mjs.

Logical types are taken out of the schema first: python3-avro wants datetime objects for them, and they do not change a byte.
"""
import importlib.metadata
import io
import json
import pathlib
import sys

import avro.io
import avro.schema

FOLDER = pathlib.Path(__file__).resolve().parent.parent


def without_logical_types(schema):
    if isinstance(schema, dict):
        return {k: without_logical_types(v) for k, v in schema.items() if k not in ("logicalType", "precision", "scale")}
    if isinstance(schema, list):
        return [without_logical_types(v) for v in schema]
    return schema


def revive(value):
    if "$long" in value:
        return int(value["$long"])
    if "$bytes" in value:
        return bytes.fromhex(value["$bytes"])
    return value


def main():
    disagreements = 0
    for path in sorted(FOLDER.glob("*.json")):
        vector = json.loads(path.read_text(encoding="utf-8"))
        writer = avro.io.DatumWriter(avro.schema.parse(json.dumps(without_logical_types(vector["schema"]))))
        for event in vector["events"]:
            datum = json.loads(json.dumps(event["datum"]), object_hook=revive)
            buffer = io.BytesIO()
            writer.write(datum, avro.io.BinaryEncoder(buffer))
            if buffer.getvalue().hex() != event["hex"]:
                print(f"{path.name}: {event['name']}: the encoders disagree")
                disagreements += 1
            else:
                event["encoders"].append("python3-avro " + importlib.metadata.version("avro"))
        path.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(vector['events'])} events")
    sys.exit(1 if disagreements else 0)


main()
