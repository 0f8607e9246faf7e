"""Makes two tiny models of random weights that vLLM serves without a network: `make_model.py FOLDER`.

FOLDER/dense is a Llama of two layers. FOLDER/experts is the same and says in its config.json that it has experts, because vLLM
serves data-parallel ranks behind a load balancer only for models that have; everything but its layers is then what a
mixture-of-experts model gets: coordinator, waves, dummy batches. (Real expert layers need an operation between ranks that
vLLM 0.32 does not have on CPUs.) The vocabulary is the 256 bytes and three special tokens: any text is a prompt.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

SPECIAL = ["<s>", "</s>", "<|pad|>"]
HIDDEN, INTERMEDIATE, LAYERS, HEADS, VOCABULARY = 64, 128, 2, 2, 272  # 259 tokens, padded to sixteens
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": INTERMEDIATE,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "head_dim": HIDDEN // HEADS,
    "hidden_act": "silu",
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
    "torch_dtype": "bfloat16",
}
CHAT_TEMPLATE = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}assistant: "


def save_tokenizer(folder):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(SPECIAL + alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": SPECIAL[0],
                "eos_token": SPECIAL[1],
                "pad_token": SPECIAL[2],
                "model_max_length": 2048,
                "chat_template": CHAT_TEMPLATE,
            }
        )
    )


def weights():
    dice = torch.Generator().manual_seed(1)

    def random(*shape):
        return (torch.randn(*shape, generator=dice) * 0.2).to(torch.bfloat16)

    def ones():
        return torch.ones(HIDDEN, dtype=torch.bfloat16)

    tensors = {"model.embed_tokens.weight": random(VOCABULARY, HIDDEN), "lm_head.weight": random(VOCABULARY, HIDDEN)}
    tensors["model.norm.weight"] = ones()
    for layer in (f"model.layers.{number}" for number in range(LAYERS)):
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            tensors[f"{layer}.self_attn.{name}.weight"] = random(HIDDEN, HIDDEN)
        for name, shape in (
            ("gate_proj", (INTERMEDIATE, HIDDEN)),
            ("up_proj", (INTERMEDIATE, HIDDEN)),
            ("down_proj", (HIDDEN, INTERMEDIATE)),
        ):
            tensors[f"{layer}.mlp.{name}.weight"] = random(*shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{layer}.{name}.weight"] = ones()
    return tensors


for kind, more in (("dense", {}), ("experts", {"num_experts": 2})):
    folder = Path(sys.argv[1]) / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | more))
    save_tokenizer(folder)
    save_file(weights(), str(folder / "model.safetensors"), metadata={"format": "pt"})
