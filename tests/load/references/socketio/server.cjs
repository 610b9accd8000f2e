// node server.cjs PORT, with PGHOST, PGUSER and PGDATABASE in the environment: inserts a message, then sends it to
// everybody in its room.
const http = require("node:http");
const { Pool } = require("pg");
const { Server } = require("socket.io");

const TABLE = `CREATE TABLE IF NOT EXISTS messages (
  id bigserial PRIMARY KEY, room text NOT NULL, seq bigint NOT NULL, sender text NOT NULL, body text NOT NULL,
  client_id text NOT NULL, at timestamptz NOT NULL DEFAULT now(), UNIQUE (room, seq), UNIQUE (room, client_id))`;
const INSERT = {
  name: "insert",
  text: "INSERT INTO messages (room, seq, sender, body, client_id) VALUES ($1, $2, $3, $4, $5)",
};

async function main() {
  const pool = new Pool({ max: 16 });
  await pool.query(TABLE);
  const heads = new Map();
  const server = http.createServer();
  const io = new Server(server, { serveClient: false, perMessageDeflate: false });

  io.on("connection", (socket) => {
    socket.on("join", (room) => {
      socket.join(room);
      socket.emit("joined", room);
    });
    socket.on("message", async ({ room, client_id, text }) => {
      const seq = (heads.get(room) ?? 0) + 1;
      heads.set(room, seq);
      await pool.query({ ...INSERT, values: [room, seq, socket.id, text, client_id] });
      io.to(room).emit("message", { room, seq, client_id, sender: socket.id, text, at: Date.now() });
    });
  });
  server.listen(Number(process.argv[2]), "127.0.0.1");
}

main();
