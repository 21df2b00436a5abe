// npm start: from a fresh clone to a served page. Options: --port N, --host NAME, --dev (rebuilds while you edit),
// --serve-only (dist/ as it is, on exactly that port).
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPage, prepareInputs } from './lib/prepare.mjs';
import { root, runTool, Trouble } from './lib/run.mjs';
import { serve } from './lib/server.mjs';

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: process.env.PORT ?? '4173' },
      host: { type: 'string', default: process.env.HOST ?? 'localhost' },
      dev: { type: 'boolean', default: false },
      'serve-only': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Trouble(`--port is ${values.port}, but has to be a port number.`);
  return { ...values, port };
}

async function main() {
  const { port, host, dev, 'serve-only': serveOnly } = readOptions();
  if (!serveOnly) await prepareInputs();
  if (dev) {
    const { code } = await runTool('vite/bin/vite.js', ['--port', String(port), '--host', host]);
    process.exit(code);
  }
  if (!serveOnly) await buildPage();
  const server = await serve(join(root, 'dist'), { host, port, strict: serveOnly });
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  console.log(`\n  Switchyard is at http://${shownHost}:${server.address().port}/ (Ctrl+C stops it)\n`);
}

main().catch((error) => {
  console.error(error instanceof Trouble || error.code?.startsWith('ERR_PARSE_ARGS') ? `\n${error.message}` : error);
  process.exit(1);
});
