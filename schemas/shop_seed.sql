-- Data for the shop of shop.schema (version 1), as much as asked for: `SET shop.orders = '200000'` says how many orders,
-- `SET shop.customers = '1000000'` how many customers (half as many as orders when it isn't said). Everything else follows
-- from these numbers. Same numbers, same rows.
SET search_path TO shop, public;

INSERT INTO countries VALUES ('US', 'United States'), ('DE', 'Germany'), ('FR', 'France'), ('JP', 'Japan'), ('BR', 'Brazil');
INSERT INTO currencies VALUES ('USD', 'US dollar', 2), ('EUR', 'Euro', 2), ('JPY', 'Yen', 0);
INSERT INTO brands (title) SELECT 'Brand ' || n FROM generate_series(1, 20) n;
INSERT INTO categories (parent_id, title) SELECT nullif(n / 5, 0), 'Category ' || n FROM generate_series(1, 24) n;
INSERT INTO seasons (title, days) VALUES ('spring', '[60,152)'), ('summer', '[152,244)'), ('autumn', '[244,335)');
INSERT INTO coupons VALUES ('SPRING10', 10, 1, 100), ('SUMMER20', 20, 2, NULL);
INSERT INTO warehouses (title, country) VALUES ('East', 'US'), ('West', 'US'), ('Europe', 'DE');

INSERT INTO customers (email, name, phone, fax, score, joined_at)
SELECT 'customer' || n || '@example.com', 'Customer Number ' || n, '+1 555 ' || n, CASE WHEN n % 10 = 0 THEN '+1 556 ' || n END,
       n % 100, timestamptz '2025-01-01' + n * interval '1 minute'
FROM generate_series(1, coalesce(nullif(current_setting('shop.customers', true), '')::bigint,
                                greatest(10, current_setting('shop.orders')::bigint / 2))) n;

INSERT INTO products (brand_id, sku, title, description, price_cents, box, tags)
SELECT (1 + n % 20)::int, 'SKU-' || n, 'Product ' || n, repeat('text ', (n % 20)::int), 100 + n % 9900, ROW(n % 100, n % 50, n % 30)::box_size,
       ARRAY['tag' || n % 7, 'tag' || n % 11]
FROM generate_series(1, 2000) n;
INSERT INTO product_categories SELECT n, 1 + n % 24 FROM generate_series(1, 2000) n;
INSERT INTO stock_levels SELECT w, p, p % 200 FROM generate_series(1, 3) w, generate_series(1, 2000) p;
INSERT INTO product_reviews (product_id, customer_id, stars, body)
SELECT 1 + n % 2000, 1 + n % (SELECT count(*) FROM customers), 1 + n % 5, 'Review ' || n
FROM generate_series(1, current_setting('shop.orders')::bigint / 4) n;
INSERT INTO addresses (customer_id, street, city, postcode, country, is_default)
SELECT id, id || ' Main Street', 'Town ' || id % 100, to_char(id % 100000, 'FM00000'), 'US', true FROM customers
WHERE id % 4 = 0 AND id <= current_setting('shop.orders')::bigint / 2;

INSERT INTO orders (customer_id, status, placed_at)
SELECT 1 + n % (SELECT count(*) FROM customers), (enum_range(NULL::order_status))[(1 + n % 4)::int],
       timestamptz '2026-01-01' + n % 110 * interval '1 day' + n % 86400 * interval '1 second'
FROM generate_series(1, current_setting('shop.orders')::bigint) n;
INSERT INTO order_items (order_id, placed_at, line, product_id, quantity, unit_cents)
SELECT id, placed_at, 1, 1 + id % 2000, 1 + id % 5, 100 + id % 9900 FROM orders;
INSERT INTO payments (order_id, placed_at, method, amount_cents)
SELECT id, placed_at, 'card', 100 + id % 9900 FROM orders WHERE status IN ('paid', 'shipped');

REFRESH MATERIALIZED VIEW daily_revenue;
ANALYZE;
