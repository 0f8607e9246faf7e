#!/bin/sh
# Two llama.cpp servers behind one supervisor: rank 0 on port 8080, rank 1 on port 8081, the group's health
# on port 9256. MODEL is a GGUF file; llama-server and dp-supervisor are on the PATH.
exec dp-supervisor \
  --data-parallel-size 2 \
  --host 127.0.0.1 \
  --port "${PORT:-8080}" \
  --data-parallel-supervisor-port "${SUPERVISOR_PORT:-9256}" \
  --drain-delay 5 \
  -- llama-server \
  --model "${MODEL:?a GGUF file}" \
  --alias 'rank-{rank}' \
  --host '{host}' \
  --port '{port}' \
  --ctx-size 2048 \
  --threads 1
