// SPDX-License-Identifier: Apache-2.0
// A small approval desk by Slack's official framework.  It knows nothing of the emulator but the address of its API, so
// what works here works because the emulator answers as Slack does.  Says what happens to it, a JSON object a line.
const { App, LogLevel } = require('@slack/bolt');

const say = (what) => console.log(JSON.stringify(what));
const app = new App({
  appToken: process.env.APP_TOKEN,
  token: process.env.BOT_TOKEN,
  socketMode: true,
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl: process.env.API },
});

const plain = (text) => ({ type: 'plain_text', text });
const button = (action_id, text, style) => ({ type: 'button', action_id, style, text: plain(text), value: action_id });
const question = (text) => ({
  text,
  blocks: [
    { type: 'section', block_id: 'what', text: { type: 'mrkdwn', verbatim: true, text } },
    {
      type: 'actions',
      block_id: 'decision',
      elements: [button('approve', 'Approve', 'primary'), button('reject', 'Reject', 'danger')],
    },
  ],
});
const reason = (where) => ({
  type: 'modal',
  callback_id: 'reason',
  private_metadata: JSON.stringify(where),
  title: plain('Reject'),
  submit: plain('Reject'),
  blocks: [
    { type: 'input', block_id: 'why', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'text' } },
  ],
});

app.action('approve', async ({ ack, body, client }) => {
  await ack();
  const text = `approved by <@${body.user.id}>`;
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text });
});

app.action('reject', async ({ ack, body, client }) => {
  await ack();
  const where = { channel: body.channel.id, ts: body.message.ts };
  await client.views.open({ trigger_id: body.trigger_id, view: reason(where) });
});

app.view('reason', async ({ ack, body, view, client }) => {
  const why = view.state.values.why.text.value;
  if (why.length < 5) {
    await ack({ response_action: 'errors', errors: { why: 'Please say more.' } });
    return;
  }
  await ack();
  const where = JSON.parse(view.private_metadata);
  await client.chat.update({ ...where, text: `rejected by <@${body.user.id}>: ${why}` });
});

app.command('/countersign', async ({ ack, command, client, respond }) => {
  await ack({ response_type: 'ephemeral', text: `You wrote: ${command.text}` });
  if (command.text === 'respond') await respond({ text: 'answered by response_url', response_type: 'ephemeral' });
  if (command.text === 'file')
    await client.files.uploadV2({ channel_id: command.channel_id, filename: 'report.txt', content: 'five\n' });
});

app.message(async ({ message, client }) => {
  const user = (await client.users.info({ user: message.user })).user;
  say({ message: message.text, email: user.profile.email });
  await client.chat.postMessage({ channel: message.user, ...question(message.text) });
});

app.event('app_mention', async ({ event, client }) => {
  await client.chat.postMessage({ channel: event.channel, thread_ts: event.ts, text: 'mentioned' });
});

app.event('app_home_opened', async ({ event, client }) => {
  const blocks = [{ type: 'header', text: plain('Nothing to decide') }];
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
});

app.error(async (error) => say({ error: String(error) }));
app.start().then(() => say({ started: true }));
