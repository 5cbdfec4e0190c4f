// A Slack workspace on this computer for the end-to-end tests: `emulate` (npm, Apache-2.0), which keeps channels,
// threads and blocks, and sends the bot signed Events API callbacks. Needs Node 22, which npm brings.
//
//     node slack-emulator.mjs PORT http://127.0.0.1:3978/slack/events chat:write,im:history,…
//
// The last argument is what the bot may do, and no more: a method that wants another scope is refused, as Slack does.
//
// The package has no public way to subscribe to events, so its Slack plugin is wrapped: hence the exact pin of its
// version in package.json. Two things that Slack does and the package does not are added on the way: a message event
// tells its channel's type, and a mention comes as an event of its own.
import { createEmulator } from 'emulate';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [port, endpoint, scopes] = process.argv.slice(2);
const bot = { app_id: 'A000000001', client_id: '1.2', bot_id: 'B0TIPBOT01', bot_user_id: 'U0TIPBOT01' };

const dist = fileURLToPath(new URL('node_modules/emulate/dist', import.meta.url));
const file = fs.readdirSync(dist).find(
  (name) => name.endsWith('.js') && /slackPlugin\s*\n?\s*}/.test(fs.readFileSync(path.join(dist, name), 'utf8')),
);
const { slackPlugin } = await import(pathToFileURL(path.join(dist, file)).href);
let hooks;
const register = slackPlugin.register;
slackPlugin.register = function (app, store, webhooks, ...rest) {
  hooks = webhooks;
  const dispatch = webhooks.dispatch.bind(webhooks);
  webhooks.dispatch = async (type, action, payload, ...more) => {
    const event = payload?.event;
    if (event?.type === 'message') {
      event.channel_type = event.channel.startsWith('D') ? 'im' : 'channel';
    }
    await dispatch(type, action, payload, ...more);
    if (event?.type === 'message' && !event.subtype && event.text?.includes(`<@${bot.bot_user_id}>`)) {
      const { channel_type, ...mention } = { ...event, type: 'app_mention', event_ts: event.ts };
      await dispatch('app_mention', action, { ...payload, event_id: `${payload.event_id}M`, event: mention }, ...more);
    }
  };
  return register.call(this, app, store, webhooks, ...rest);
};

const botScopes = scopes.split(',');
const userScopes = ['channels:history', 'channels:read', 'channels:write', 'chat:write', 'im:history', 'im:write', 'users:read'];
const emulator = await createEmulator({
  service: 'slack',
  port: Number(port),
  seed: {
    slack: {
      signing_secret: 'secret',
      strict_scopes: true,
      team: { name: 'Mallilan kunta', domain: 'mallila' },
      users: [
        { name: 'aino', real_name: 'Aino Virtanen', email: 'aino@example.com' },
        { name: 'maija', real_name: 'Maija Laine', email: 'maija@example.com' },
        { name: 'helmi', real_name: 'Helmi Nieminen', email: 'helmi@example.com' },
      ],
      channels: [{ name: 'digivinkit', topic: 'Digivinkit' }],
      oauth_apps: [{ ...bot, client_secret: 's', name: 'digivinkki', redirect_uris: ['http://localhost/cb'], scopes: botScopes, bot_name: 'digivinkki' }],
      tokens: [
        { ...bot, token: 'xoxb-local-test', type: 'bot', user_id: bot.bot_user_id, scopes: botScopes },
        ...['aino', 'maija', 'helmi'].map((user) => ({ token: `xoxp-${user}`, type: 'user', user, scopes: userScopes })),
      ],
    },
  },
});
hooks.register({ owner: 'slack', url: endpoint, events: ['*'], active: true });
console.log(`listening ${emulator.url}`);
