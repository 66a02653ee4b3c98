#!/usr/bin/env python3
"""Writes tests/vectors/text-diffs/diffs.json: differences of texts by two programs that are not ours, Python's difflib and GNU diff.

The header is Salesforce's: no name before, the SHA-256 of the whole new text after. "new" is null where the difference must not be taken.
"""
import difflib
import hashlib
import json
import pathlib
import random
import subprocess
import tempfile

TARGET = pathlib.Path(__file__).resolve().parent.parent / "text-diffs" / "diffs.json"
WORDS = "lorem ipsum dolor Größe sit amet 東京 café 𝄞 consetetur @@ -1,2 --- +++ \\ tab\there".split(" ")
cases = []


def header(new):
    return f"--- \n+++ {hashlib.sha256(new.encode()).hexdigest()}\n"


def python_diff(old, new, context=3, split=lambda text: text.splitlines()):
    lines = list(difflib.unified_diff(split(old), split(new), n=context, lineterm=""))
    return header(new) + "\n".join(lines[2:])


def gnu_diff(old, new, context=3):
    with tempfile.TemporaryDirectory() as folder:
        a, b = pathlib.Path(folder, "a"), pathlib.Path(folder, "b")
        a.write_bytes(old.encode())
        b.write_bytes(new.encode())
        out = subprocess.run(["diff", "-a", f"-U{context}", a, b], capture_output=True).stdout.decode()
    return header(new) + out.split("\n", 2)[2]


def case(name, old, diff, new):
    cases.append({"name": name, "old": old, "diff": diff, "new": new})


def text(random_, lines):
    return [" ".join(random_.choice(WORDS) for _ in range(random_.randint(0, 9))) for _ in range(lines)]


def edited(random_, lines):
    lines = list(lines)
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(lines) + 1)
        what = random_.random()
        if what < 0.4 and at < len(lines):
            lines[at] = lines[at] + " changed"
        elif what < 0.7:
            lines[at:at] = text(random_, random_.randint(1, 3))
        elif len(lines) > 3:
            del lines[at:at + random_.randint(1, 2)]
    return lines


def main():
    random_ = random.Random(4711)
    for seed in range(24):
        old_lines = text(random_, random_.choice([1, 2, 5, 30, 200]))
        new_lines = edited(random_, old_lines)
        end = random_.choice(["\n", "\r\n"])
        context = random_.choice([0, 1, 3, 3, 3])
        old_last, new_last = random_.choice([("", ""), ("", ""), (end, end), (end, ""), ("", end)])
        old, new = end.join(old_lines) + old_last, end.join(new_lines) + new_last
        if old == new:
            continue
        case(f"difflib {seed}", old, python_diff(old, new, context, lambda t: t.splitlines()), new)
        case(f"difflib, empty line at the end {seed}", old, python_diff(old, new, context, lambda t: t.replace("\r\n", "\n").split("\n")), new)
        case(f"gnu {seed}", old, gnu_diff(old, new, context), new)
    lines = [f"line {i}" for i in range(40)]
    changed = lines[:10] + ["another"] + lines[11:30] + lines[31:]
    old, new = "\n".join(lines), "\n".join(changed)
    case("the new text stands there already", new, python_diff(old, new), new)
    case("the new text stands there with other line ends", new.replace("\n", "\r\n"), python_diff(old, new), new)
    case("we have LF where Salesforce has CR LF", old, python_diff(old.replace("\n", "\r\n"), new.replace("\n", "\r\n")), new.replace("\n", "\r\n"))
    case("we have CR LF where Salesforce has LF", old.replace("\n", "\r\n"), python_diff(old, new), new)
    case("the new text is trimmed", "  \n" + old, python_diff("  \n" + old, "  \n" + new + " \n").replace(
        hashlib.sha256(("  \n" + new + " \n").encode()).hexdigest(), hashlib.sha256(("  \n" + new + " \n").strip().encode()).hexdigest()), new)
    case("the hash in capitals", old, header(new).upper() + python_diff(old, new).split("\n", 2)[2], new)
    case("the difference has CR LF itself", old, python_diff(old, new).replace("\n", "\r\n"), new)
    mixed = "\r\n".join(changed[:20]) + "\n" + "\n".join(changed[20:])
    case("line ends mixed", "\r\n".join(lines[:20]) + "\n" + "\n".join(lines[20:]), python_diff("\r\n".join(lines[:20]) + "\n" + "\n".join(lines[20:]), mixed), mixed)
    case("everything new", "", gnu_diff("", new), new)
    case("nothing left", "a\nb\n", gnu_diff("a\nb\n", ""), "")
    case("another text", old.replace("line 10", "line ten"), python_diff(old, new), None)
    case("another text outside the parts", old.replace("line 20", "line twenty"), python_diff(old, new), None)
    case("shorter than the parts say", "\n".join(lines[:12]), python_diff(old, new), None)
    case("empty", "", python_diff(old, new), None)
    case("a wrong hash", old, python_diff(old, new).replace("+++ ", "+++ 0"), None)
    TARGET.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(len(cases), "cases")


main()
