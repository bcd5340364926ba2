-- statements that no desired state may hold
CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=@PORT@ user=x password=y' PUBLICATION p;
