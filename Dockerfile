# One image for the worker and the webhook server, and for the `holdfast` command inside them.
# The same Node as the `node` package of package.json; it strips types, so nothing is built.
FROM node:24.21.0-bookworm-slim

ENV NODE_ENV=production
WORKDIR /app

COPY package.json package-lock.json .npmrc ./
# No package runs a script of its own as root: what is needed comes built.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY LICENSE ./
COPY bin ./bin
COPY sql ./sql
COPY src ./src
RUN ln -s /app/bin/holdfast.js /usr/local/bin/holdfast

# Root owns the code; whoever runs it can read it and no more.
USER node

EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "--eval", "const answer = await fetch(`http://127.0.0.1:${process.env.PORT || 8787}/healthz`); process.exit(answer.ok ? 0 : 1)"]

# The exec form, so that SIGTERM reaches node. The worker is the same image with the command that docker-compose.yml gives it.
# Without the flags Node takes what the machine has before it cleans up.
CMD ["node", "--max-old-space-size=320", "--max-semi-space-size=4", "src/server.ts"]
