-- The rows of shop.schema. Keys refer to rows that are there, so nobody needs to ask the foreign keys' triggers. A tenth of the orders can be
-- referred to by notes: the load neither moves nor deletes those.
SET session_replication_role = replica;
INSERT INTO shop.customers (id, name, country)
  SELECT n, 'Customer ' || n, CASE WHEN n % 3 = 0 THEN 'DE' ELSE 'US' END FROM generate_series(1, :customers) n;
INSERT INTO shop.orders (id, customer, seller, state, qty, price, code, mail, region, note, legacy, placed_at, shipped_at)
  SELECT n, 1 + n * 7919::bigint % :customers, CASE WHEN n % 4 > 0 THEN 1 + n % :customers END,
         (ARRAY['open', 'paid', 'shipped', 'cancelled'])[1 + n % 4]::shop.state, n % 100, n % 100000 / 100.0, 'C' || n,
         'm' || n % 1000 || '@example.com', nullif('r' || n % 20, 'r0'), CASE WHEN n % 3 > 0 THEN 'note ' || n % 1000 END, 'l' || n % 50,
         timestamp '2025-01-01' + n * interval '5 seconds', CASE WHEN n % 4 = 2 THEN timestamptz '2025-01-02 00:00+00' + n * interval '5 seconds' END
  FROM generate_series(1, :rows) n;
INSERT INTO shop.notes (order_id, body) SELECT n, 'Body ' || n FROM generate_series(1, :rows / 50) n;
SELECT setval(pg_get_serial_sequence('shop.orders', 'id'), :rows + 1000000);
SET session_replication_role = origin;
VACUUM (ANALYZE);
