INSERT INTO shop.events_old SELECT n, 'k' || n % 50, n % 7 FROM generate_series(1, :rows) n;
VACUUM ANALYZE shop.events_old;
