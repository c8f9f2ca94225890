import { createServer } from 'node:http';
import { Redis } from 'ioredis';

/** What the edge is measured against: one GETDEL and a 303, and nothing of what makes a download safe. */
const redis = new Redis(process.env['ASSAY_REDIS_URL'] ?? '', { disableClientInfo: true, enableReadyCheck: false });
const server = createServer(async (request, response) => {
  const grant = await redis.getdel(`grant:${request.url?.slice(3) ?? ''}`);
  response.writeHead(grant === null ? 404 : 303, grant === null ? {} : { location: '/l/lease/photo.jpg' });
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : '';
  process.stdout.write(`${JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${port}` })}\n`);
});
