// What the tests of one file share: a browser, a server, and what the server was fed with.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { Observatory } from '../../e2e/support/observatory.mjs';
import { sendDay } from './agents.mjs';
import { launch, Tab } from './browser.mjs';

export const recorded = (name, signal = 'traces') => readFileSync(new URL(`../../data/otlp/${name}-${signal}.json`, import.meta.url), 'utf8');

// What of the URL's search part a colleague would see.
export const parameter = (tab, name) => new URL(tab.page.url()).searchParams.get(name);

class Stage {
  // One OTLP/JSON request that must be taken.
  send = async (signal, body) => assert.equal((await this.server.postOtlp(signal, body)).status, 200);

  // A tab at a server; that of the stage unless given.
  open(options, server = this.server) {
    return Tab.open(this.browser, server.http, options);
  }
}

// For the top of a test file. `args`: of the server; `server: false`: none. `day`: what sendDay makes of
// it is sent, as `runs`; `feed(stage)`: what else is.
export function onStage({ args = [], server = true, day, feed } = {}) {
  const stage = new Stage();
  before(async () => {
    stage.browser = await launch();
    if (server) stage.server = await Observatory.start({ args });
    if (day) stage.runs = await sendDay(stage.send, { end: Date.now() - 60_000, ...day });
    await feed?.(stage);
  });
  after(async () => {
    await stage.browser.close();
    await stage.server?.stop();
  });
  return stage;
}

// A server that can go, and come back at the same address with what it stored.
export class Mortal {
  static async start(options) {
    const mortal = new Mortal();
    mortal.server = await Observatory.start(options);
    mortal.http = mortal.server.http;
    return mortal;
  }

  async die() {
    await this.server.stop();
  }

  async revive() {
    this.server = await Observatory.start({ dataDir: this.server.dataDir, args: ['--http-listen', this.server.ready.http.replace(/^https?:\/\//, '')] });
  }
}
