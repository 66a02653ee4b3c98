"""Checks Kubernetes manifests against the models of Kubernetes' own Python client: every key is known there, has the type it has there, and what is required is
given. Prints one document: {kinds, faults}."""
import json
import re
import sys

import yaml
from kubernetes import client

KINDS = {"ConfigMap": "V1ConfigMap", "Deployment": "V1Deployment", "Service": "V1Service", "PodDisruptionBudget": "V1PodDisruptionBudget", "Secret": "V1Secret"}
SIMPLE = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object, "datetime": str}


def check(value, kind, path, faults):
    if value is None:
        return
    if kind.startswith("list["):
        if not isinstance(value, list):
            faults.append(f"{path}: not a list")
            return
        for i, item in enumerate(value):
            check(item, kind[5:-1], f"{path}[{i}]", faults)
        return
    if kind.startswith("dict("):
        if not isinstance(value, dict):
            faults.append(f"{path}: not a map")
            return
        inner = re.match(r"dict\(str, (.*)\)$", kind).group(1)
        for key, item in value.items():
            check(item, inner, f"{path}.{key}", faults)
        return
    if kind in SIMPLE:
        allowed = SIMPLE[kind]
        # A number or a word, as ports and the sizes of a rollout are.
        if allowed is not object and not (isinstance(value, allowed) and not (allowed is int and isinstance(value, bool))):
            faults.append(f"{path}: {value!r} is no {kind}")
        return
    model = getattr(client, kind)
    if not isinstance(value, dict):
        faults.append(f"{path}: not a {kind}")
        return
    known = {json_name: name for name, json_name in model.attribute_map.items()}
    for key in value:
        if key not in known:
            faults.append(f"{path}.{key}: {kind} has no such key")
    given = {}
    for key, name in known.items():
        if key in value:
            check(value[key], model.openapi_types[name], f"{path}.{key}", faults)
            given[name] = value[key]
    try:
        model(**given)
    except ValueError as missing:
        faults.append(f"{path}: {missing}")


def main():
    faults, kinds = [], []
    with open(sys.argv[1], encoding="utf-8") as file:
        for document in yaml.safe_load_all(file):
            kind = document.get("kind")
            kinds.append(kind)
            if kind not in KINDS:
                faults.append(f"{kind}: not checked")
                continue
            check(document, KINDS[kind], kind, faults)
    print(json.dumps({"kinds": kinds, "faults": faults}), flush=True)


main()
