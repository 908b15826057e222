<?php

declare(strict_types=1);

namespace Shop;

use PDO;

/** The visitor's cart: the only thing that pages write to the database. */
final class Cart
{
    private const MOST_OF_ONE = 99;
    private const MOST_PRODUCTS = 50;

    /** @var array<int, array{quantity: int, age: int}>|null by product, the oldest first */
    private ?array $lines = null;

    /** @param string|null $name what the visitor's cookie says; null: no cart yet */
    public function __construct(private readonly PDO $database, private readonly ?string $name)
    {
    }

    /** @return array<int, array{quantity: int, age: int}> by product, the oldest first; age in seconds */
    public function lines(): array
    {
        if ($this->lines === null) {
            $this->lines = [];
            if ($this->name !== null) {
                $statement = $this->database->prepare('SELECT product_id, quantity,
                    GREATEST(TIMESTAMPDIFF(SECOND, added_at, UTC_TIMESTAMP()), 0) AS age
                    FROM cart_items WHERE cart = ? ORDER BY added_at, product_id');
                $statement->execute([$this->name]);
                foreach ($statement->fetchAll() as $row) {
                    $this->lines[$row['product_id']] = ['quantity' => $row['quantity'], 'age' => $row['age']];
                }
            }
        }

        return $this->lines;
    }

    public function count(): int
    {
        return array_sum(array_column($this->lines(), 'quantity'));
    }

    public function add(int $product, int $quantity): void
    {
        $held = $this->lines()[$product]['quantity'] ?? 0;
        if ($held > 0 || count($this->lines()) < self::MOST_PRODUCTS) {
            $this->set($product, $held + $quantity);
        }
    }

    /** None takes the product out. */
    public function set(int $product, int $quantity): void
    {
        $quantity = min($quantity, self::MOST_OF_ONE);
        if ($quantity < 1) {
            $this->database->prepare('DELETE FROM cart_items WHERE cart = ? AND product_id = ?')->execute([$this->name, $product]);
        } else {
            $this->database->prepare('INSERT INTO cart_items (cart, product_id, quantity, added_at)
                SELECT ?, id, ?, UTC_TIMESTAMP() FROM products WHERE id = ?
                ON DUPLICATE KEY UPDATE quantity = VALUES(quantity)')->execute([$this->name, $quantity, $product]);
        }
        $this->lines = null;
    }
}
