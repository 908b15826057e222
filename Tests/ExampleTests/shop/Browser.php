<?php

declare(strict_types=1);

/**
 * Chromium without a window, spoken to through its DevTools protocol over two pipes. Scripts are off: what works here
 * works without JavaScript.
 */
final class Browser
{
    /** @var resource */
    private $process;
    /** @var resource */
    private $in;
    /** @var resource */
    private $out;
    private string $read = '';
    private int $calls = 0;
    private string $session = '';
    private readonly string $folder;
    private bool $loaded = false;

    public function __construct()
    {
        $this->folder = sys_get_temp_dir() . '/reco-browser-' . bin2hex(random_bytes(4));
        mkdir($this->folder);
        $null = ['file', '/dev/null', 'w'];
        $this->process = proc_open([
            'chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
            '--hide-scrollbars', '--disable-background-networking', '--remote-debugging-pipe', "--user-data-dir=$this->folder",
        ], [0 => ['file', '/dev/null', 'r'], 1 => $null, 2 => $null, 3 => ['pipe', 'r'], 4 => ['pipe', 'w']], $pipes, null,
            ['HOME' => $this->folder, 'PATH' => (string) getenv('PATH'), 'LANG' => 'C.UTF-8']);
        [3 => $this->in, 4 => $this->out] = $pipes;
        $target = $this->call('Target.createTarget', ['url' => 'about:blank'])['targetId'];
        $this->session = $this->call('Target.attachToTarget', ['targetId' => $target, 'flatten' => true])['sessionId'];
        $this->call('Page.enable');
        $this->call('DOM.enable');
        $this->call('Emulation.setScriptExecutionDisabled', ['value' => true]);
    }

    public function close(): void
    {
        try {
            $this->call('Browser.close');
        } catch (RuntimeException) {
            // It may be gone before it answers.
        }
        fclose($this->in);
        fclose($this->out);
        proc_close($this->process);
        exec('rm -rf ' . escapeshellarg($this->folder));
    }

    public function window(int $width, int $height, bool $phone = false, bool $dark = false): void
    {
        $this->call('Emulation.setDeviceMetricsOverride', [
            'width' => $width, 'height' => $height, 'deviceScaleFactor' => $phone ? 2 : 1, 'mobile' => $phone,
        ]);
        $this->call('Emulation.setEmulatedMedia', [
            'features' => [['name' => 'prefers-color-scheme', 'value' => $dark ? 'dark' : 'light']],
        ]);
    }

    public function open(string $address): void
    {
        $this->loaded = false;
        $this->call('Page.navigate', ['url' => $address]);
        $this->waitForPage();
    }

    /** Clicks the middle of the first element that a selector finds, and waits for the page that this leads to. */
    public function click(string $selector): void
    {
        $node = $this->find($selector);
        $this->call('DOM.scrollIntoViewIfNeeded', ['nodeId' => $node]);
        $box = $this->call('DOM.getBoxModel', ['nodeId' => $node])['model']['border'];
        $place = ['x' => ($box[0] + $box[4]) / 2, 'y' => ($box[1] + $box[5]) / 2, 'button' => 'left', 'clickCount' => 1];
        $this->loaded = false;
        $this->call('Input.dispatchMouseEvent', ['type' => 'mousePressed'] + $place);
        $this->call('Input.dispatchMouseEvent', ['type' => 'mouseReleased'] + $place);
        $this->waitForPage();
    }

    /** Types into a field and sends the form with the return key. */
    public function type(string $selector, string $text): void
    {
        $this->call('DOM.focus', ['nodeId' => $this->find($selector)]);
        $this->call('Input.insertText', ['text' => $text]);
        $this->loaded = false;
        $this->call('Input.dispatchKeyEvent', [
            'type' => 'keyDown', 'key' => 'Enter', 'code' => 'Enter', 'windowsVirtualKeyCode' => 13, 'text' => "\r",
        ]);
        $this->waitForPage();
    }

    /** The page as it is now, as HTML. */
    public function html(): string
    {
        $root = $this->call('DOM.getDocument')['root']['nodeId'];

        return $this->call('DOM.getOuterHTML', ['nodeId' => $root])['outerHTML'];
    }

    /** How much wider than the window the page is; 0 where nothing has to be pushed sideways. */
    public function overhang(): int
    {
        $metrics = $this->call('Page.getLayoutMetrics');

        return max(0, (int) ($metrics['cssContentSize']['width'] - $metrics['cssLayoutViewport']['clientWidth']));
    }

    public function photograph(string $path): void
    {
        $metrics = $this->call('Page.getLayoutMetrics');
        $height = min(2400, (int) $metrics['cssContentSize']['height']);
        $width = $metrics['cssLayoutViewport']['clientWidth'];
        $picture = $this->call('Page.captureScreenshot', [
            'captureBeyondViewport' => true,
            'clip' => ['x' => 0, 'y' => 0, 'width' => $width, 'height' => $height, 'scale' => 1],
        ]);
        file_put_contents($path, base64_decode($picture['data'], true));
    }

    private function find(string $selector): int
    {
        $root = $this->call('DOM.getDocument')['root']['nodeId'];
        $node = $this->call('DOM.querySelector', ['nodeId' => $root, 'selector' => $selector])['nodeId'];

        return $node !== 0 ? $node : throw new RuntimeException("there is no $selector in " . $this->html());
    }

    private function waitForPage(): void
    {
        while (!$this->loaded) {
            $this->receive();
        }
    }

    /**
     * @param array<string, mixed> $parameters
     *
     * @return array<string, mixed>
     */
    private function call(string $method, array $parameters = []): array
    {
        $message = ['id' => ++$this->calls, 'method' => $method, 'params' => (object) $parameters];
        if ($this->session !== '') {
            $message['sessionId'] = $this->session;
        }
        fwrite($this->in, json_encode($message) . "\0");
        do {
            $answer = $this->receive();
        } while (($answer['id'] ?? 0) !== $this->calls);
        if (isset($answer['error'])) {
            throw new RuntimeException("$method: " . $answer['error']['message']);
        }

        return $answer['result'] ?? [];
    }

    /** @return array<string, mixed> the next message, which ends with a zero byte */
    private function receive(): array
    {
        while (($end = strpos($this->read, "\0")) === false) {
            $ready = [$this->out];
            $none = null;
            if (stream_select($ready, $none, $none, 30) !== 1 || ($piece = fread($this->out, 1 << 16)) === '' || $piece === false) {
                throw new RuntimeException('chromium says nothing any more');
            }
            $this->read .= $piece;
        }
        $message = json_decode(substr($this->read, 0, $end), true, 512, JSON_THROW_ON_ERROR);
        $this->read = substr($this->read, $end + 1);
        $this->loaded = $this->loaded || ($message['method'] ?? '') === 'Page.loadEventFired';

        return $message;
    }
}
