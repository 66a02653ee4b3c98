"""Reads events before and after masking with Debian's python3-avro and tells, field by field, what is the same: one document, no value of a masked field in it.

usage: masked.py FILE, a JSON list of {"schema", "payload", "maskedSchema", "maskedPayload", "paths"}; payloads in hexadecimal digits.
"""
import io
import json
import sys

import avro.io
import avro.schema


def read(schema, payload):
    decoder = avro.io.BinaryDecoder(io.BytesIO(bytes.fromhex(payload)))
    datum = avro.io.DatumReader(avro.schema.parse(schema)).read(decoder)
    assert decoder.reader.read() == b"", "bytes behind the last field"
    return datum


def leaves(datum):
    for name, value in datum.items():
        if isinstance(value, dict) and name != "ChangeEventHeader":
            for part, inner in value.items():
                yield f"{name}.{part}", inner
        else:
            yield name, value


same, masked = 0, 0
for event in json.load(open(sys.argv[1], encoding="utf-8")):
    before, after = dict(leaves(read(event["schema"], event["payload"]))), dict(leaves(read(event["maskedSchema"], event["maskedPayload"])))
    for path, value in before.items():
        if path in event["paths"]:
            assert (after.get(path) is None or isinstance(after[path], str)) and (value is not None or after.get(path) is None), f"{path} is not masked"
            masked += 1
        elif path in after:
            assert after[path] == value, f"{path} is another"
            same += 1
        else:
            assert value is None or path.split(".")[0] in event["paths"], f"{path} is gone"
print(json.dumps({"same": same, "masked": masked}))
