import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

// What any fan-out costs at least: a word of Redis to every socket, with no rights, no rows, no GraphQL.
const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
const redis = new Redis(String(process.env['ASSAY_REDIS_URL']), { disableClientInfo: true, enableReadyCheck: false });
redis.on('message', (_channel, text) => {
  for (const socket of sockets.clients) socket.send(text);
});
await redis.subscribe('wake:moderation');
sockets.on('listening', () => undefined);
const address = sockets.address();
const port = typeof address === 'object' && address ? address.port : 0;
process.stdout.write(`${JSON.stringify({ msg: 'ready', url: `ws://127.0.0.1:${port}` })}\n`);
process.once('SIGTERM', () => process.exit(0));
