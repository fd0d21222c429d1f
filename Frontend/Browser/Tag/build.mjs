// Builds the artefacts in `built/` from `src/`: node build.mjs [--out FOLDER]. They are committed; the product embeds them.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const here = path.dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--out');
const out = at < 0 ? path.join(here, 'built') : process.argv[at + 1];
fs.mkdirSync(out, { recursive: true });

// Expressions that the server puts into the script where a source asks for them: the argument of `feature`, which goes around a function of the script, or
// the whole file. They use names of the script, which stay as they are.
const names = ['isStarted', 'startPageView', 'request', 'pass', 'divolte', 'hints', 'party', 'readCookie', 'writeCookie'];
for (const file of fs.readdirSync(path.join(here, 'src/features'))) {
  const bundled = await build({ entryPoints: [path.join(here, 'src/features', file)], bundle: true, write: false, format: 'esm', target: 'es5', charset: 'ascii' });
  const small = await minify(bundled.outputFiles[0].text, { ecma: 5, compress: { negate_iife: false }, mangle: { reserved: names }, format: { ascii_only: true, comments: false, wrap_iife: true } });
  fs.writeFileSync(path.join(out, `feature.${file.replace('.ts', '')}.js`), small.code.trim().replace(/;$/, '').replace(/^feature(?=\(function)/, '') + '\n');
}

for (const logging of [false, true]) {
  const bundled = await build({
    entryPoints: [path.join(here, 'src/tag.ts')], bundle: true, write: false, format: 'esm', target: 'es5', charset: 'ascii',
    define: { LOGGING: String(logging) }, legalComments: 'none',
  });
  const source = `(function () {\n'use strict';\n${bundled.outputFiles[0].text}}());\n`;
  const options = { ecma: 5, format: { ascii_only: true, comments: false } };
  // Readable code is minified too, but for names and shape: what never runs goes, what runs is the same.
  const readable = await minify(source, { ...options, compress: { defaults: false, dead_code: true, conditionals: true, evaluate: true }, mangle: false, format: { ...options.format, beautify: true } });
  const small = await minify(source, { ...options, compress: { passes: 3, pure_getters: true, unsafe: false, keep_fargs: false }, mangle: { reserved: names } });
  const name = logging ? 'divolte.logging' : 'divolte';
  fs.writeFileSync(path.join(out, `${name}.min.js`), small.code + '\n');
  fs.writeFileSync(path.join(out, `${name}.js`), readable.code + '\n');
}
