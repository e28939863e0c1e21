// Stands in for the main file of the extension in benchmarks: loads the real one and notes, one JSON value a line in
// the file that APIM_TLS_BENCH_LOG names, how the activation went and when the sample estate answered.
'use strict';
const fs = require('node:fs');
const Module = require('node:module');
const net = require('node:net');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const { appendFileSync } = fs;
const log = process.env.APIM_TLS_BENCH_LOG;
const note = (event) => appendFileSync(log, `${JSON.stringify(event)}\n`);

/** Modules whose every function reaches beyond the process. */
const outside = ['fs', 'fs/promises', 'dns', 'dns/promises', 'http', 'https', 'http2', 'tls', 'child_process'];

/** Counts calls of file and network functions by whoever takes them from their modules, until `stop()`. */
function countOutsideCalls() {
  const calls = [];
  const undo = [];
  const watch = (owner, name, label) => {
    const original = owner[name];
    const described = Object.getOwnPropertyDescriptor(owner, name);
    // Constructors and what cannot be replaced are left alone.
    if (typeof original !== 'function' || /^[A-Z]/.test(name) || !described?.writable) return;
    owner[name] = function (...args) {
      calls.push(label);
      return original.apply(this, args);
    };
    undo.push(() => (owner[name] = original));
  };
  for (const name of outside) {
    const owner = require(`node:${name}`);
    for (const member of Object.keys(owner)) watch(owner, member, `${name}.${member}`);
  }
  watch(net.Socket.prototype, 'connect', 'net.connect');
  watch(globalThis, 'fetch', 'fetch');
  const stop = () => {
    for (const restore of undo) restore();
    return calls;
  };
  return stop;
}

const main = path.join(__dirname, 'dist', 'extension.cjs');
let begun = 0;
let begunCpu;
let stopCounting;

/** Called by the first line of the bundle, which the benchmark has put before it. */
globalThis.apimTlsBenchBegin = () => {
  stopCounting = countOutsideCalls();
  begunCpu = process.threadCpuUsage();
  begun = performance.now();
};

function activate(context) {
  // VS Code makes its API for an extension when that asks for the first time.
  const first = performance.now();
  require('vscode');
  const asked = performance.now();
  const extension = require(main);
  const loaded = performance.now();
  extension.activate(context);
  const ended = performance.now();
  const { user, system } = process.threadCpuUsage(begunCpu);
  const calls = stopCounting();
  const chunks = Object.keys(require.cache)
    .filter((file) => file.startsWith(path.dirname(main)) && file !== main)
    .map((file) => path.basename(file));
  const [own, all, api] = [ended - begun, ended - asked, asked - first];
  note({
    event: 'activated',
    at: Date.now(),
    own,
    cpu: (user + system) / 1000,
    all,
    api,
    run: loaded - begun,
    calls,
    chunks,
  });
  watchSampleEstate();
  watchHeap();
}

/** Notes each answer of the sample estate as it leaves. */
function watchSampleEstate() {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (path.basename(request) !== 'emulator.cjs') return loaded;
    return { ...loaded, openSampleEstate: async (options) => watched(await loaded.openSampleEstate(options)) };
  };
}

function watched(estate) {
  const sendRequest = async (request) => {
    const answer = await estate.httpClient.sendRequest(request);
    const at = Date.now();
    note({ event: 'answered', at, method: request.method, path: new URL(request.url).pathname, status: answer.status });
    return answer;
  };
  return { ...estate, httpClient: { sendRequest } };
}

/** Notes what is left of the heap after a collection, and the most that was seen before it, whenever asked. */
function watchHeap() {
  let most = 0;
  setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed)), 20).unref();
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  fs.watchFile(`${log}.heap`, { interval: 200 }, ({ mtimeMs }) => {
    if (mtimeMs === 0) return;
    collect();
    note({ event: 'heap', used: process.memoryUsage().heapUsed, most });
    most = 0;
  });
}

module.exports = { activate };
