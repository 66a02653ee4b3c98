// Checks a bill of materials against CycloneDX' own JSON schema, as its library for JavaScript brings it. Prints one document: {faults}.
import { readFile } from 'node:fs/promises';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

const faults = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(await readFile(process.argv[2], 'utf8'));
console.log(JSON.stringify({ faults: faults ?? [] }));
