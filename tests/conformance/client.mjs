// A partner's software on openid-client: takes one JSON command a line, answers with one JSON line.
import * as oauth from 'openid-client';
import * as jose from 'jose';
import { createInterface } from 'node:readline';

const state = {};

const commands = {
  async keys({ algorithm = 'ES256' }) {
    const pair = await jose.generateKeyPair(algorithm, { extractable: true });
    const jwk = await jose.exportJWK(pair.publicKey);
    jwk.kid = await jose.calculateJwkThumbprint(jwk);
    state.key = { key: pair.privateKey, kid: jwk.kid };
    return { keys: [{ ...jwk, alg: algorithm, use: 'sig' }] };
  },

  async discover({ issuer, client, algorithm = 'oauth2', jarm = false, metadata = {} }) {
    const known = {
      ...metadata,
      use_mtls_endpoint_aliases: false,
      authorization_signed_response_alg: 'ES256',
      id_token_signed_response_alg: 'ES256',
    };
    state.config = await oauth.discovery(
      new URL(issuer), client, known, oauth.PrivateKeyJwt(state.key),
      { algorithm, execute: [oauth.allowInsecureRequests] },
    );
    if (jarm) oauth.useJwtResponseMode(state.config);
    state.dpop = await oauth.randomDPoPKeyPair('ES256');
    state.handle = oauth.getDPoPHandle(state.config, state.dpop);
    return state.config.serverMetadata();
  },

  async newDpopKey() {
    state.handle = oauth.getDPoPHandle(state.config, await oauth.randomDPoPKeyPair('ES256'));
    return {};
  },

  async authorize({ parameters, pushed = true, signed = false }) {
    state.verifier = oauth.randomPKCECodeVerifier();
    state.state = oauth.randomState();
    const asked = {
      code_challenge: await oauth.calculatePKCECodeChallenge(state.verifier),
      code_challenge_method: 'S256',
      state: state.state,
      ...parameters,
    };
    if (!pushed) return { url: oauth.buildAuthorizationUrl(state.config, asked).href };
    const options = { DPoP: state.handle };
    if (!signed) return { url: (await oauth.buildAuthorizationUrlWithPAR(state.config, asked, options)).href };
    const withJar = await oauth.buildAuthorizationUrlWithJAR(state.config, asked, state.key);
    return { url: (await oauth.buildAuthorizationUrlWithPAR(state.config, withJar.searchParams, options)).href };
  },

  async callback({ url, proof = true, nonce, resource }) {
    const checks = { pkceCodeVerifier: state.verifier, expectedState: state.state, expectedNonce: nonce };
    const tokens = await oauth.authorizationCodeGrant(
      state.config, new URL(url), checks, resource ? { resource } : undefined,
      proof ? { DPoP: state.handle } : {},
    );
    return { ...tokens, claims: tokens.claims?.() };
  },

  refresh: ({ token, proof = true }) =>
    oauth.refreshTokenGrant(state.config, token, {}, proof ? { DPoP: state.handle } : {}),

  credentials: ({ scope, proof = true }) =>
    oauth.clientCredentialsGrant(state.config, { scope }, proof ? { DPoP: state.handle } : {}),

  introspect: ({ token }) => oauth.tokenIntrospection(state.config, token),

  async revoke({ token }) {
    await oauth.tokenRevocation(state.config, token);
    return {};
  },

  userinfo: ({ token, subject }) =>
    oauth.fetchUserInfo(state.config, token, subject, { DPoP: state.handle }),

  async call({ token, url, method = 'GET', proof = true }) {
    const answer = await oauth.fetchProtectedResource(
      state.config, token, new URL(url), method, undefined, undefined,
      proof ? { DPoP: state.handle } : {},
    );
    return { status: answer.status, body: await answer.text() };
  },
};

function told(error) {
  const { name, message, code, error: word, error_description: description, status } = error;
  const challenge = error.cause?.[0]?.parameters ?? null;
  return { name, message, code, error: word, description, status: status ?? error.response?.status, challenge };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await commands[name](given) };
  } catch (error) {
    answer = { error: told(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
