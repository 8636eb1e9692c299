// SPDX-License-Identifier: Apache-2.0
// The least app by Slack's official framework: whatever is pressed is acknowledged first thing.
const { App, LogLevel } = require('@slack/bolt');

const app = new App({
  appToken: process.env.APP_TOKEN,
  token: process.env.BOT_TOKEN,
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: process.env.API },
});

app.action(/.*/, async ({ ack }) => {
  await ack();
});
app.start();
