// oidc-provider, set up to answer what the portal is measured with: one client with a secret,
// client credentials, the code with PKCE, refresh with rotation, introspection.
// Reads "codes N" from its standard input and prints that many fresh codes as one line of JSON.
import { createInterface } from 'node:readline';

import Redis from 'ioredis';
import { Provider } from 'oidc-provider';

const { PORT, REDIS_SOCKET, REDIS_DATABASE, CLIENT_ID, CLIENT_SECRET, CALLBACK, CHALLENGE } = process.env;

// The adapter that comes with it forgets what is beyond a thousand entries; this one keeps all.
class MemoryAdapter {
  static kept = new Map();
  static byGrant = new Map();

  constructor(name) { this.name = name; }

  key(id) { return `${this.name}:${id}`; }

  async upsert(id, payload) {
    const key = this.key(id);
    MemoryAdapter.kept.set(key, payload);
    if (payload.grantId) {
      const members = MemoryAdapter.byGrant.get(payload.grantId) ?? new Set();
      MemoryAdapter.byGrant.set(payload.grantId, members.add(key));
    }
  }

  async find(id) { return MemoryAdapter.kept.get(this.key(id)); }

  async consume(id) { this.found(id).consumed = Math.floor(Date.now() / 1000); }

  found(id) { return MemoryAdapter.kept.get(this.key(id)); }

  async destroy(id) { MemoryAdapter.kept.delete(this.key(id)); }

  async revokeByGrantId(grantId) {
    for (const key of MemoryAdapter.byGrant.get(grantId) ?? []) MemoryAdapter.kept.delete(key);
    MemoryAdapter.byGrant.delete(grantId);
  }
}

// A row is a hash: what was stored as JSON, and when it was used.
class RedisAdapter {
  static redis;

  constructor(name) { this.name = name; }

  key(id) { return `bench:${this.name}:${id}`; }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id);
    const all = RedisAdapter.redis.multi().hset(key, 'payload', JSON.stringify(payload));
    if (expiresIn) all.expire(key, expiresIn);
    if (payload.grantId && this.name !== 'Grant') {
      const members = `bench:of:${payload.grantId}`;
      all.rpush(members, key);
      if (expiresIn) all.expire(members, expiresIn, 'GT');
    }
    await all.exec();
  }

  async find(id) {
    const { payload, consumed } = await RedisAdapter.redis.hgetall(this.key(id));
    if (!payload) return undefined;
    return { ...JSON.parse(payload), ...(consumed && { consumed: Number(consumed) }) };
  }

  async consume(id) {
    await RedisAdapter.redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000));
  }

  async destroy(id) { await RedisAdapter.redis.del(this.key(id)); }

  async revokeByGrantId(grantId) {
    const members = `bench:of:${grantId}`;
    const keys = await RedisAdapter.redis.lrange(members, 0, -1);
    await RedisAdapter.redis.del(members, ...keys);
  }
}

if (REDIS_SOCKET) {
  RedisAdapter.redis = new Redis({ path: REDIS_SOCKET, db: Number(REDIS_DATABASE) });
}

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  adapter: REDIS_SOCKET ? RedisAdapter : MemoryAdapter,
  clients: [{
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'openid offline_access read',
  }],
  scopes: ['openid', 'offline_access', 'read'],
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
  issueRefreshToken: async () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: 300, AuthorizationCode: 600, ClientCredentials: 300, Grant: 3600, RefreshToken: 3600 },
});

async function code(client, number) {
  const accountId = `customer-${number % 64}`;
  const grant = new provider.Grant({ accountId, clientId: CLIENT_ID });
  grant.addOIDCScope('offline_access read');
  const issued = new provider.AuthorizationCode({
    accountId,
    client,
    codeChallenge: CHALLENGE,
    codeChallengeMethod: 'S256',
    grantId: await grant.save(3600),
    gty: 'authorization_code',
    redirectUri: CALLBACK,
    scope: 'offline_access read',
  });
  return issued.save();
}

provider.listen(Number(PORT), '127.0.0.1', async () => {
  const client = await provider.Client.find(CLIENT_ID);
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line.split(' ')[1]);
    const codes = [];
    for (let number = 0; number < count; number += 1) codes.push(await code(client, number));
    console.log(JSON.stringify(codes));
  }
  process.exit(0);
});
