<?php

declare(strict_types=1);

namespace Shop;

/**
 * Who looks at the page, and what he did so far: from three cookies that last as long as the browser is open. Whatever
 * they hold, it is numbers by the time it leaves here.
 *
 * A real shop knows its customer by a login; here a visitor picks one.
 */
final class Visitor
{
    private const MOST_VIEWS = 12;

    /** @param array<int, int> $views when each product was looked at (Unix time), the latest last */
    private function __construct(
        public readonly ?int $customer,
        public readonly ?string $cart,
        private array $views,
    ) {
    }

    /** @param array<mixed> $cookies */
    public static function of(array $cookies): self
    {
        $text = static fn (string $name): string => is_string($cookies[$name] ?? null) ? $cookies[$name] : '';
        $views = [];
        preg_match_all('/(\d{1,9})-(\d{1,10})/', substr($text('views'), 0, 400), $found, PREG_SET_ORDER);
        foreach ($found as [, $product, $time]) {
            $views[(int) $product] = (int) $time;
        }

        return new self(
            preg_match('/^\d{1,9}$/D', $text('customer')) === 1 ? (int) $text('customer') : null,
            preg_match('/^[0-9a-f]{32}$/D', $text('cart')) === 1 ? $text('cart') : null,
            $views,
        );
    }

    /** The product looked at last, other than this one; null if there is none. */
    public function lastViewed(?int $exceptFor = null): ?int
    {
        foreach (array_reverse(array_keys($this->views)) as $product) {
            if ($product !== $exceptFor) {
                return $product;
            }
        }

        return null;
    }

    public function sees(int $product): void
    {
        unset($this->views[$product]);
        $this->views = array_slice($this->views, 1 - self::MOST_VIEWS, null, true);
        $this->views[$product] = time();
        $pairs = array_map(static fn (int $id, int $time): string => "$id-$time", array_keys($this->views), $this->views);
        self::remember('views', implode('.', $pairs));
    }

    /** The name of the visitor's cart; a new one gets a name that nobody can guess. */
    public function ownCart(): string
    {
        if ($this->cart !== null) {
            return $this->cart;
        }
        $name = bin2hex(random_bytes(16));
        self::remember('cart', $name);

        return $name;
    }

    /** Is this customer from now on, or a stranger; what he viewed as somebody else is forgotten. */
    public static function becomes(?int $customer): void
    {
        self::remember('customer', (string) $customer);
        self::remember('views', '');
    }

    /**
     * What he did just now, as `Reco::recommend()` takes it: views and the cart, the oldest first.
     *
     * @param array<int, array{quantity: int, age: int}> $cart
     *
     * @return list<array{int, string, int}>
     */
    public function session(array $cart): array
    {
        $session = [];
        foreach ($this->views as $product => $time) {
            $session[] = [$product, 'view', max(0, time() - $time)];
        }
        foreach ($cart as $product => $line) {
            $session[] = [$product, 'cart', $line['age']];
        }
        usort($session, static fn (array $one, array $other): int => $other[2] <=> $one[2]);

        return $session;
    }

    private static function remember(string $name, string $value): void
    {
        setcookie($name, $value, [
            'expires' => $value === '' ? 1 : 0, 'path' => '/', 'httponly' => true, 'samesite' => 'Lax',
        ]);
    }
}
