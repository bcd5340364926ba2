ALTER TABLE shop.orders ALTER COLUMN code TYPE varchar(40);
