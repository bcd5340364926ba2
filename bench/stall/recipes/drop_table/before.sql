SET session_replication_role = replica;
INSERT INTO shop.parcels SELECT n, 1 + n % (:rows / 50) FROM generate_series(1, :rows) n;
VACUUM ANALYZE shop.parcels;
